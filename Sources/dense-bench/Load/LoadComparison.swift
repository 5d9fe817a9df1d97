package import DenseEngine

/// Several servers' reports side by side, from the JSON that `dense-bench load` and `dense-bench start` wrote.
package struct LoadComparison: Sendable {
    private struct Row {
        let load: String
        let server: String
        let answersPerSecond: Double
        let median: Double
        let percentile99: Double
        let residentBytes: Int?
        let processorSecondsPerAnswer: Double?
        let errors: Int
    }

    private var rows: [Row] = []
    /// Seconds to the first answer and idle memory, by the server's name.
    private var starts: [String: (seconds: Double, idleBytes: Int)] = [:]

    package init() {}

    /// Adds a report; false when it is none.
    package mutating func add(_ report: ConfigValue) -> Bool {
        guard case .object(let object) = report, let server = object["server"]?.text else { return false }
        if case .object(let start) = object["start"], let median = start["median"]?.number {
            starts[server] = (median, Int(object["idle_bytes"]?.number ?? 0))
            return true
        }
        guard case .array(let results) = object["results"] else { return false }
        for result in results {
            guard let row = Self.row(result, server) else { return false }
            rows.append(row)
        }
        return true
    }

    private static func row(_ result: ConfigValue, _ server: String) -> Row? {
        guard case .object(let object) = result, let load = object["load"]?.text,
            let rate = object["answers_per_second"]?.number, let answers = object["answers"]?.number,
            case .object(let latency) = object["latency"], let median = latency["p50"]?.number,
            let percentile99 = latency["p99"]?.number, case .object(let errors) = object["errors"]
        else { return nil }
        var count = ["connect", "read", "timeout", "unsent", "wrong"].reduce(0) { $0 + (errors[$1]?.number ?? 0) }
        if case .object(let statuses) = errors["statuses"] {
            count += statuses.members.reduce(0) { $0 + ($1.value.number ?? 0) }
        }
        let processorSeconds = object["server_processor_seconds"]?.number
        return Row(
            load: load, server: server, answersPerSecond: rate, median: median, percentile99: percentile99,
            residentBytes: object["server_resident_bytes"]?.number.map { Int($0) },
            processorSecondsPerAnswer: answers > 0 ? processorSeconds.map { $0 / answers } : nil, errors: Int(count))
    }

    /// As a table for people: load by load, the servers in the order they were added. The ratio is that of the first
    /// server's requests a second to this one's.
    package var text: String {
        var loads: [String] = []
        for row in rows where !loads.contains(row.load) { loads.append(row.load) }
        var lines: [[String]] = []
        for load in loads {
            let group = rows.filter { $0.load == load }
            for row in group {
                let start = starts[row.server]
                lines.append([
                    row.load, row.server, LoadReport.figure(row.answersPerSecond),
                    group.first.map { ($0.answersPerSecond / row.answersPerSecond).fixed(2) } ?? "-",
                    LoadReport.milliseconds(Int(row.median * 1e9)),
                    LoadReport.milliseconds(Int(row.percentile99 * 1e9)),
                    row.processorSecondsPerAnswer.map { ($0 * 1e6).fixed(1) } ?? "-",
                    row.residentBytes.map(LoadReport.megabytes) ?? "-",
                    start.map { LoadReport.megabytes($0.idleBytes) } ?? "-",
                    start.map { ($0.seconds * 1e3).fixed(1) } ?? "-", String(row.errors),
                ])
            }
        }
        let title = [
            "load", "server", "requests/s", "ratio", "p50 ms", "p99 ms", "server µs", "RSS MB", "idle MB", "start ms",
            "errors",
        ]
        return TextTable.text(title: title, rows: lines)
    }
}

extension ConfigValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
