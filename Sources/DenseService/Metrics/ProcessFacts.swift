internal import FileReading
internal import Glibc

/// What the operating system says about this process.
enum ProcessFacts {
    /// Seconds since 1970 at which the process started, from `/proc/self/stat` and the boot time.
    static let startTime: Double = {
        var wall = timespec()
        var sinceBoot = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &wall)
        unsafe clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        let now = seconds(wall)
        // Field 22, counted behind the command's name, which ends with the last ')' and may hold anything.
        guard let stat = contents(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") else { return now }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]) else { return now }
        return now - seconds(sinceBoot) + ticks / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }()

    /// Memory in RAM, in bytes; 0 where it cannot be read.
    static var residentBytes: Int {
        guard let statm = contents(of: "/proc/self/statm") else { return 0 }
        let fields = statm.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Processor time used so far, user and system, in seconds.
    static var processorSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return seconds(time)
    }

    private static func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }

    /// A small file of `/proc`.
    private static func contents(of path: String) -> String? {
        (try? WholeFile.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
