internal import Glibc
internal import TensorCoding

/// How long a server takes from `exec` to its first answer, and what memory it has then.
package struct StartMeasurement: Sendable {
    /// What the runs came to.
    package struct Result: Hashable, Sendable {
        /// Seconds from starting the program to its first 200, for each run.
        package var seconds: [Double] = []
        /// Memory in RAM of the server's processes when it has nothing to do, the most of all runs.
        package var idleBytes = 0
        package var processes = 0

        /// Of no run yet.
        package init() {}
    }

    private let command: [String]
    private let port: UInt16?
    private let path: String
    private let timeout: Double

    /// - Parameters:
    ///   - command: the program and its arguments, in which `{port}` stands for the port.
    ///   - port: `nil` takes a free one for each run.
    ///   - path: what is asked for.
    ///   - timeout: seconds that a start may take.
    package init(command: [String], port: UInt16?, path: String, timeout: Double) {
        self.command = command
        self.port = port
        self.path = path
        self.timeout = timeout
    }

    /// Starts and ends the server several times.
    package func run(times: Int, progress: (String) -> Void = { _ in }) throws(LoadError) -> Result {
        var result = Result()
        for number in 1...max(times, 1) {
            progress("start \(number) of \(times)")
            try runOnce(&result)
        }
        return result
    }

    private static let pause: UInt32 = 100
    /// Until what a server does behind its first answer is done.
    private static let settling: UInt32 = 300_000

    private func runOnce(_ result: inout Result) throws(LoadError) {
        let port = if let port { port } else { try Self.freePort() }
        let address = try LoadAddress(url: "http://127.0.0.1:\(port)")
        let client = LoadClient(address, try address.resolve(), timeout: max(Int(timeout), 1))
        let request = LoadRequest("GET", path, at: address, headers: [], body: [])
        let arguments = command.map { Self.replacing($0, by: port) }
        let start = LoadClock.now
        let program = try ServerProgram(arguments)
        defer { program.end() }
        while true {
            // Until then there is nobody, or somebody who is not ready.
            if let answer = try? client.send(request), answer.status == 200 { break }
            try program.checkRunning()
            guard LoadClock.now - start < nanoseconds(timeout) else {
                throw .notStarted(
                    program: arguments.first ?? "",
                    reason: "no 200 to GET \(path) at port \(port) within \(timeout.fixed(0)) s")
            }
            usleep(Self.pause)
        }
        result.seconds.append(Double(LoadClock.now - start) / 1e9)
        usleep(Self.settling)
        let processes = Set(ListeningProcesses.find(port: port) + [Int(program.process)])
        result.idleBytes = max(result.idleBytes, ProcessUsage(of: Array(processes)).residentBytes)
        result.processes = processes.count
    }

    private static func replacing(_ argument: String, by port: UInt16) -> String {
        guard let range = argument.firstRange(of: "{port}") else { return argument }
        return argument[..<range.lowerBound] + String(port) + argument[range.upperBound...]
    }

    /// A port that nobody listens at now.
    static func freePort() throws(LoadError) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let status = unsafe bind(descriptor, address, size)
                return unsafe status == 0 ? getsockname(descriptor, address, &size) : status
            }
        }
        guard status == 0 else { throw .system(call: "bind", reason: systemReason(errno)) }
        return UInt16(bigEndian: address.sin_port)
    }
}

extension StartMeasurement.Result {
    /// The runs' times, least first.
    private var sorted: [Double] { seconds.sorted() }

    package var best: Double { sorted.first ?? 0 }
    package var median: Double { seconds.isEmpty ? 0 : sorted[seconds.count / 2] }
    package var worst: Double { sorted.last ?? 0 }

    /// As a table for people.
    package func text(server: String) -> String {
        let times = [best, median, worst].map { ($0 * 1e3).fixed(2) }
        return TextTable.text(
            title: ["server", "runs", "best ms", "median ms", "worst ms", "idle MB", "processes"],
            rows: [[server, String(seconds.count)] + times + [LoadReport.megabytes(idleBytes), String(processes)]])
    }

    /// As one JSON object. Times are in seconds, memory in bytes.
    package func json(server: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("server", server)
        writer.name("start")
        writer.beginObject()
        for (name, value) in [("best", best), ("median", median), ("worst", worst)] {
            writer.member(name, value)
        }
        writer.endObject()
        writer.member("idle_bytes", idleBytes)
        writer.member("processes", processes)
        writer.endObject()
        return writer.bytes
    }
}
