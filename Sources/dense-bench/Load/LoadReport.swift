internal import TensorCoding

/// The results of a server's loads, as a table and as JSON.
package struct LoadReport: Sendable {
    /// What the server is called among others.
    package let server: String
    package let url: String
    package let results: [LoadResult]

    package init(server: String, url: String, results: [LoadResult]) {
        self.server = server
        self.url = url
        self.results = results
    }

    /// As a table for people, with a line below it for everything that was not as it should be.
    package var text: String {
        let title = [
            "load", "connections", "due/s", "requests/s", "MB/s", "p50 ms", "p90", "p99", "p99.9", "max", "server µs",
            "cores", "RSS MB", "peak MB", "errors",
        ]
        return TextTable.text(title: title, rows: results.map(row)) + results.flatMap(notes).map { $0 + "\n" }.joined()
    }

    private func row(_ result: LoadResult) -> [String] {
        let (plan, tally) = (result.plan, result.tally)
        let isKnown = !result.processes.isEmpty
        return [
            result.name, String(plan.connections) + (plan.pipeline > 1 ? "x\(plan.pipeline)" : ""),
            plan.rate?.fixed(0) ?? "-", Self.figure(result.answersPerSecond), (result.bytesPerSecond / 1e6).fixed(1),
            Self.milliseconds(tally.latency.percentile(50)), Self.milliseconds(tally.latency.percentile(90)),
            Self.milliseconds(tally.latency.percentile(99)), Self.milliseconds(tally.latency.percentile(99.9)),
            Self.milliseconds(tally.latency.maximum),
            result.processorSecondsPerAnswer.map { ($0 * 1e6).fixed(1) } ?? "-",
            isKnown ? result.processors.fixed(2) : "-", isKnown ? Self.megabytes(result.after.residentBytes) : "-",
            isKnown ? Self.megabytes(result.after.peakBytes) : "-", String(tally.errors),
        ]
    }

    private func notes(_ result: LoadResult) -> [String] {
        var notes: [String] = []
        let tally = result.tally
        if tally.errors > 0 { notes.append("\(result.name): \(tally.errorText)") }
        if let failure = tally.failure { notes.append("\(result.name): it ended early. \(failure)") }
        if result.plan.rate != nil {
            notes.append(
                "\(result.name): from sending to the answer p50 \(Self.milliseconds(tally.service.percentile(50))), "
                    + "p99 \(Self.milliseconds(tally.service.percentile(99))) ms")
        }
        if result.isLimitedByGenerator {
            notes.append(
                "\(result.name): the generator itself was busy for \(result.ownProcessors.fixed(2)) of "
                    + "\(result.plan.threads) cores and may be the limit; try --threads \(result.plan.threads + 1)")
        }
        return notes
    }

    /// Few digits where they mean something.
    static func figure(_ value: Double) -> String { value.fixed(value < 1000 ? 1 : 0) }

    static func milliseconds(_ nanoseconds: Int) -> String {
        let value = Double(nanoseconds) / 1e6
        return value.fixed(value < 10 ? 3 : value < 1000 ? 1 : 0)
    }

    static func megabytes(_ bytes: Int) -> String { (Double(bytes) / 1e6).fixed(1) }

    /// As one JSON object. Times are in seconds, memory in bytes.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("server", server)
        writer.member("url", url)
        writer.name("results")
        writer.beginArray()
        for result in results { writer.write(load: result) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func write(load result: LoadResult) {
        let (plan, tally) = (result.plan, result.tally)
        beginObject()
        member("load", result.name)
        member("connections", plan.connections)
        member("threads", plan.threads)
        member("pipeline", plan.pipeline)
        name("due_per_second")
        if let rate = plan.rate { write(rate) } else { writeNull() }
        member("seconds", result.seconds)
        member("answers", tally.answers)
        member("answers_per_second", result.answersPerSecond)
        member("bytes_sent", tally.bytesSent)
        member("bytes_received", tally.bytesReceived)
        member("latency", tally.latency)
        member("service", tally.service)
        member("checked", tally.checked)
        name("errors")
        beginObject()
        name("statuses")
        beginObject()
        for (status, count) in tally.statuses.sorted(by: { $0.key < $1.key }) { member(String(status), count) }
        endObject()
        member("connect", tally.connectFailures)
        member("read", tally.readFailures)
        member("timeout", tally.timeouts)
        member("unsent", tally.unsent)
        member("wrong", tally.wrong)
        endObject()
        member("server_processes", result.processes)
        if !result.processes.isEmpty {
            member("server_processor_seconds", result.after.processorSeconds - result.before.processorSeconds)
            member("server_resident_bytes", result.after.residentBytes)
            member("server_peak_bytes", result.after.peakBytes)
        }
        member("generator_processor_seconds", result.ownProcessorSeconds)
        endObject()
    }

    private mutating func member(_ name: String, _ histogram: LatencyHistogram) {
        self.name(name)
        beginObject()
        member("count", histogram.count)
        member("mean", histogram.mean / 1e9)
        for (name, percent) in [("p50", 50.0), ("p90", 90), ("p99", 99), ("p99.9", 99.9)] {
            member(name, Double(histogram.percentile(percent)) / 1e9)
        }
        member("max", Double(histogram.maximum) / 1e9)
        endObject()
    }
}
