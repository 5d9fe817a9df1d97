/// What a server is at, seen from outside.
struct SoakSample {
    /// Seconds since the start.
    var second: Double
    var residentBytes: Int
    var descriptors: Int
    var threads: Int
    /// As `GET /metrics` has them; nil where it has none.
    var openConnections: Int?
    var queuedBytes: Int?
    var models: Int?
    var counts: SoakTally.Counts

    /// Looks at a process and asks its server.
    init(second: Double, process: Int, client: LoadClient, address: LoadAddress, counts: SoakTally.Counts) {
        self.second = second
        self.counts = counts
        residentBytes = ProcessUsage(of: [process]).residentBytes
        descriptors = ProcFile.names(in: "/proc/\(process)/fd").filter { $0.first?.isNumber == true }.count
        threads = ProcFile.names(in: "/proc/\(process)/task").filter { $0.first?.isNumber == true }.count
        let request = LoadRequest("GET", "/metrics", at: address, headers: [("Connection", "close")], body: [])
        let metrics = (try? client.send(request)).map { String(decoding: $0.body, as: UTF8.self) } ?? ""
        openConnections = Self.value(of: "dense_connections_open", in: metrics)
        queuedBytes = Self.value(of: "dense_queue_bytes", in: metrics)
        models = Self.value(of: "dense_models", in: metrics)
    }

    /// The value of a metric without labels.
    static func value(of name: String, in metrics: String) -> Int? {
        metrics.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.utf8.count + 1)) }.map { Int($0) }
    }

    static let title = [
        "second", "RSS MB", "descriptors", "threads", "connections", "queued bytes", "models", "right", "refused",
        "mischief", "failures",
    ]

    var cells: [String] {
        [
            second.fixed(0), LoadReport.megabytes(residentBytes), "\(descriptors)", "\(threads)",
            openConnections.map(String.init) ?? "", queuedBytes.map(String.init) ?? "", models.map(String.init) ?? "",
            "\(counts.right)", "\(counts.refused)", "\(counts.mischief)", "\(counts.failures)",
        ]
    }
}
