internal import FileReading
internal import Glibc

/// What some processes have used, together: a server may be several.
package struct ProcessUsage: Hashable, Sendable {
    /// User and system time, in seconds.
    package var processorSeconds = 0.0
    /// Memory in RAM now. What processes share counts for each of them.
    package var residentBytes = 0
    /// The most that was in RAM at once.
    package var peakBytes = 0

    /// Asks `/proc`; processes that are gone count nothing.
    package init(of processes: [Int]) {
        for process in processes {
            processorSeconds += Self.processorSeconds(ProcFile.text("/proc/\(process)/stat"))
            let status = ProcFile.text("/proc/\(process)/status")
            residentBytes += Self.kibibytes("VmRSS", status) << 10
            peakBytes += Self.kibibytes("VmHWM", status) << 10
        }
    }

    /// Fields 14 and 15, counted behind the command's name, which ends with the last ')' and may hold anything.
    package static func processorSeconds(_ stat: String) -> Double {
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }

    /// `VmRSS:      1234 kB`
    package static func kibibytes(_ name: String, _ status: String) -> Int {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else { return 0 }
        let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
    }

    /// What this process has used, in seconds.
    static var ownProcessorSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The small text files of `/proc`.
enum ProcFile {
    /// The file's text; empty when it cannot be read.
    static func text(_ path: String) -> String {
        (try? WholeFile.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The names in a folder; none when it cannot be read.
    static func names(in path: String) -> [String] { (try? Folder.names(in: path)) ?? [] }

    /// What a symbolic link says; empty when it cannot be read.
    static func link(_ path: String) -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = unsafe readlink(path, &bytes, bytes.count)
        guard count > 0 else { return "" }
        return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
