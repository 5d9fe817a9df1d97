import FoundationEssentials
import Glibc
package import Logging

/// How much memory the process may have: an array that cannot be made ends it, so no more is ever promised than there is.
package enum MemoryLimit {
    /// For the program itself, its threads, and what is counted nowhere.
    private static let reserve = 192 << 20

    /// What is left for requests, answers and models, in bytes: of the machine's memory, of what the control groups of the
    /// process allow (cgroups(7)), and of its address space (RLIMIT_AS), the least.
    package static func available() -> Int {
        let memory = Int(clamping: sysconf(Int32(_SC_PHYS_PAGES))).multipliedReportingOverflow(by: pageSize)
        let whole = ([memory.overflow ? .max : memory.partialValue] + controlGroups()).min() ?? .max
        return max(min(whole, addressSpace()) - reserve, reserve / 4)
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The address space that is left.
    private static func addressSpace() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(Int.max)
        else {
            return .max
        }
        // The first number is the size of what is mapped, in pages (proc(5)).
        let pages = text("/proc/self/statm").split(separator: " ").first.flatMap { Int($0) } ?? 0
        return max(0, Int(limit.rlim_cur) - pages * pageSize)
    }

    /// The limits of the process's control group and of those around it, version 2 or 1.
    private static func controlGroups() -> [Int] {
        var files: [String] = []
        for line in text("/proc/self/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let (root, name): (String, String)
            if parts[1].isEmpty {
                (root, name) = ("/sys/fs/cgroup", "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                (root, name) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            // In a container the group may be the root of what is seen.
            var folder = ""
            files.append("\(root)/\(name)")
            for part in parts[2].split(separator: "/") {
                folder += "/" + part
                files.append("\(root)\(folder)/\(name)")
            }
        }
        // "max" is none.
        return files.compactMap { Int(text($0).prefix { $0.isNumber }) }
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

extension ServerSettings {
    /// With no more memory promised than there is: a half of it to models, a quarter to what is sent and received, a quarter to
    /// what waits and runs.
    package func bounded(byMemory available: Int, _ logger: Logger) -> ServerSettings {
        var bounded = self
        let bounds: [(String, WritableKeyPath<ServerSettings, Int>, Int)] = [
            ("max_model_bytes", \.maxModelBytes, 2), ("max_buffer_bytes", \.maxBufferBytes, 4),
            ("max_queue_bytes", \.maxQueueBytes, 4),
        ]
        for (name, path, part) in bounds where self[keyPath: path] > available / part {
            bounded[keyPath: path] = available / part
            // A default is nobody's wish.
            let isWanted = self[keyPath: path] != ServerSettings()[keyPath: path]
            logger.log(
                level: isWanted ? .warning : .info,
                "less memory than a setting says is possible; give the process more, or set it lower",
                metadata: [
                    "setting": "\(name)", "wanted": .stringConvertible(self[keyPath: path]),
                    "possible": .stringConvertible(available / part),
                ])
        }
        return bounded
    }
}
