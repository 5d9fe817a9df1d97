package import Logging

/// How a log line is written.
package enum LogFormat: Hashable, Sendable {
    /// `2026-03-01T08:15:30.123Z info  listening address=http://127.0.0.1:8080`
    case text(colour: Bool)
    /// `{"time":"2026-03-01T08:15:30.123Z","level":"info","message":"listening","address":"http://127.0.0.1:8080"}`
    case json
}

/// One line of any fields being written: time, level, message, then the fields.
package struct LogLine: Sendable {
    private let spelling: LogSpelling
    private var bytes: [UInt8] = []

    package init(_ format: LogFormat, level: Logger.Level, message: String, time: LogTimestamp = .now) {
        let spelling = LogSpelling(format)
        self.spelling = spelling
        append(LogSpelling.frameCount + LogSpelling.count(message)) {
            spelling.begin(level, message, at: time, to: &$0)
        }
    }

    /// Adds a field with a text.
    package mutating func add(name: String, _ text: String) {
        let spelling = spelling
        append(LogSpelling.count(name) + LogSpelling.count(text)) { spelling.add(name: name, text, to: &$0) }
    }

    /// Adds a field with a whole number.
    package mutating func add(name: String, _ number: Int) {
        let spelling = spelling
        append(LogSpelling.count(name) + LogSpelling.numberCount) { spelling.add(name: name, number, to: &$0) }
    }

    /// The line with its end.
    package consuming func finished() -> [UInt8] {
        let spelling = spelling
        append(LogSpelling.frameCount) { spelling.end(to: &$0) }
        return bytes
    }

    private mutating func append(_ count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: count, initializingWith: write)
    }
}
