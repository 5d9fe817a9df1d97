package import HTTPServer
import Logging

/// One log line a request, at level `info`.
package struct AccessLog: HTTPExchangeObserver {
    private let format: LogFormat
    private let writer: LogWriter
    private let next: any HTTPExchangeObserver

    /// - Parameter next: is told of every request, too.
    package init(format: LogFormat, writer: LogWriter, next: any HTTPExchangeObserver) {
        self.format = format
        self.writer = writer
        self.next = next
    }

    package func exchangeFinished(_ record: ExchangeRecord) {
        writer.write { bytes in
            // Taken out, so that the line is made in its place and not in a copy.
            var earlier: [UInt8] = []
            swap(&earlier, &bytes)
            var line = LogLine(format, level: .info, message: "request", behind: earlier)
            line.add("method", record.method)
            line.add("path", record.path)
            line.add("protocol", record.version)
            line.add("status", record.status)
            line.add("duration_ms", milliseconds: record.durationNanoseconds)
            line.add("bytes_in", record.bytesReceived)
            line.add("bytes_out", record.bytesSent)
            line.add("remote", record.remoteAddress)
            if let client = record.client { line.add("client", client) }
            line.add("request_id", plain: record.id.forEachByte)
            bytes = line.finished()
        }
        next.exchangeFinished(record)
    }
}
