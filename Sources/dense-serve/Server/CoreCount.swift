import FoundationEssentials

/// How many cores this process may use.
package enum CoreCount {
    /// The cores it may run on, or fewer where its control group has a quota, as containers do.
    package static var available: Int {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        guard let bytes = try? InputFile.read("/sys/fs/cgroup/cpu.max") else { return cores }
        return min(cores, quota(String(decoding: bytes, as: UTF8.self)) ?? cores)
    }

    /// The quota of a `cpu.max` file in whole cores, rounded up: `150000 100000` is 2, `max 100000` is none
    /// (kernel documentation, admin-guide/cgroup-v2).
    package static func quota(_ text: String) -> Int? {
        let fields = text.split { $0 == " " || $0 == "\n" }.map { Int($0) }
        guard fields.count == 2, let time = fields[0], let period = fields[1], time > 0, period > 0 else { return nil }
        return max(1, (time - 1) / period + 1)
    }
}
