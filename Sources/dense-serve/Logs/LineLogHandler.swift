package import DenseService
package import Logging

/// Logs one line an event through a `LogWriter`.
package struct LineLogHandler: LogHandler {
    private let format: LogFormat
    private let writer: LogWriter
    package var metadata: Logger.Metadata = [:]
    private let control: LogControl
    /// A level of this logger's own; nil for that of all.
    private var ownLevel: Logger.Level?
    package var logLevel: Logger.Level {
        get { ownLevel ?? control.level }
        set { ownLevel = newValue }
    }

    package init(format: LogFormat, level: LogControl, writer: LogWriter) {
        self.format = format
        control = level
        self.writer = writer
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine(format, level: event.level, message: event.message.description)
        let fields = metadata.merging(event.metadata ?? [:]) { _, ofEvent in ofEvent }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .stringConvertible(let number as Int): line.add(name: name, number)
            default: line.add(name: name, value.description)
            }
        }
        if let error = event.error { line.add(name: "error", "\(error)") }
        writer.write(line.finished())
    }
}
