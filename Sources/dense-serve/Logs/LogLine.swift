package import Logging

/// How a log line is written.
package enum LogFormat: Hashable, Sendable {
    /// `2026-03-01T08:15:30.123Z info  listening address=http://127.0.0.1:8080`
    case text(colour: Bool)
    /// `{"time":"2026-03-01T08:15:30.123Z","level":"info","message":"listening","address":"http://127.0.0.1:8080"}`
    case json
}

/// One line being written: time, level, message, then fields. Every byte a client or a file can influence is escaped,
/// so that nobody can write a second line or a control sequence into the log.
package struct LogLine: Sendable {
    private let format: LogFormat
    private var bytes: [UInt8] = []

    package init(_ format: LogFormat, level: Logger.Level, message: String, time: LogTimestamp = .now) {
        self.format = format
        bytes.reserveCapacity(256)
        switch format {
        case .text(let colour):
            time.append(to: &bytes)
            let name = " " + level.rawValue.padded(to: 9)
            bytes += (colour ? Self.coloured(name, level) : name).utf8
            appendEscaped(message, quoting: false)
        case .json:
            bytes += "{\"time\":\"".utf8
            time.append(to: &bytes)
            bytes += "\",\"level\":\"\(level.rawValue)\",\"message\":".utf8
            appendEscaped(message, quoting: true)
        }
    }

    /// Adds a field with a text.
    package mutating func add(_ name: String, _ text: String) {
        appendName(name)
        switch format {
        case .text: appendEscaped(text, quoting: text.utf8.contains { $0 <= UInt8(ascii: " ") } || text.isEmpty)
        case .json: appendEscaped(text, quoting: true)
        }
    }

    /// Adds a field with a whole number.
    package mutating func add(_ name: String, _ number: Int) {
        appendName(name)
        bytes += String(number).utf8
    }

    /// Adds a duration in milliseconds, with three digits after the point.
    package mutating func add(_ name: String, milliseconds nanoseconds: Int) {
        appendName(name)
        let microseconds = nanoseconds / 1_000
        bytes += String(microseconds / 1_000).utf8
        bytes.append(UInt8(ascii: "."))
        let fraction = String(microseconds % 1_000)
        for _ in fraction.utf8.count..<3 { bytes.append(UInt8(ascii: "0")) }
        bytes += fraction.utf8
    }

    /// The line with its end.
    package consuming func finished() -> [UInt8] {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func appendName(_ name: String) {
        switch format {
        case .text:
            bytes.append(UInt8(ascii: " "))
            appendEscaped(name, quoting: false)
            bytes.append(UInt8(ascii: "="))
        case .json:
            bytes.append(UInt8(ascii: ","))
            appendEscaped(name, quoting: true)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    /// Text with JSON's escapes, which a text line uses too.
    private mutating func appendEscaped(_ text: String, quoting: Bool) {
        if quoting { bytes.append(UInt8(ascii: "\"")) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                if quoting { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case UInt8(ascii: "\r"): bytes += "\\r".utf8
            case UInt8(ascii: "\t"): bytes += "\\t".utf8
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes += "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
            default: bytes.append(byte)
            }
        }
        if quoting { bytes.append(UInt8(ascii: "\"")) }
    }

    private static func coloured(_ text: String, _ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: Terminal.styled(text, .dim)
        case .info, .notice: text
        case .warning: Terminal.styled(text, .yellow)
        case .error, .critical: Terminal.styled(text, .red)
        }
    }
}

extension String {
    /// The text with spaces after it, `width` characters at least.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
