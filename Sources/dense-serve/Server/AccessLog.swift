package import HTTPServer
import Logging

/// One log line a request, at level `info`.
package final class AccessLog: HTTPExchangeObserver {
    private let spelling: LogSpelling
    private let writer: LogWriter
    private let next: any HTTPExchangeObserver

    /// - Parameter next: is told of every request, too.
    package init(format: LogFormat, writer: LogWriter, next: any HTTPExchangeObserver) {
        spelling = LogSpelling(format)
        self.writer = writer
        self.next = next
    }

    /// The most bytes of all that is no text of a client: the frame, the numbers, and names.
    private static let fixedCount = LogSpelling.frameCount + 5 * LogSpelling.numberCount + 304

    package func exchangeFinished(_ record: ExchangeRecord) {
        let path = record.path
        let time = LogTimestamp.now
        var count = Self.fixedCount + LogSpelling.count(path) + LogSpelling.count(record.remoteAddress)
        count += record.id.count + (record.client.map(LogSpelling.count) ?? 0)
        // The line is made where it is kept, in one go.
        writer.write(atMost: count) { line in
            spelling.begin(.info, "request", at: time, to: &line)
            spelling.add("method", record.method, to: &line)
            spelling.add("path", path, to: &line)
            spelling.add("protocol", record.version, to: &line)
            if let tls = record.head?.tls { spelling.add("tls", tls.version, to: &line) }
            spelling.add("status", record.status, to: &line)
            if let status = record.innerStatus { spelling.add("grpc_status", status, to: &line) }
            spelling.add("duration_ms", milliseconds: record.durationNanoseconds, to: &line)
            spelling.add("bytes_in", record.bytesReceived, to: &line)
            spelling.add("bytes_out", record.bytesSent, to: &line)
            spelling.add("remote", record.remoteAddress, to: &line)
            if let client = record.client { spelling.add("client", client, to: &line) }
            spelling.add("request_id", record.id, to: &line)
            spelling.end(to: &line)
        }
        next.exchangeFinished(record)
    }
}
