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
    private var bytes: [UInt8]

    /// - Parameter earlier: what the line is put behind.
    package init(
        _ format: LogFormat, level: Logger.Level, message: String, time: LogTimestamp = .now,
        behind earlier: consuming [UInt8] = []
    ) {
        self.format = format
        bytes = earlier
        switch format {
        case .text(let colour):
            time.append(to: &bytes)
            let name = " " + level.rawValue.padded(to: 9)
            bytes += (colour ? Self.coloured(name, level) : name).utf8
            appendEscaped(message, quoting: false)
        case .json:
            append("{\"time\":\"")
            time.append(to: &bytes)
            append("\",\"level\":\"")
            append(utf8: level.rawValue)
            append("\",\"message\":")
            appendEscaped(message, quoting: true)
        }
    }

    /// Adds a field with a text.
    package mutating func add(_ name: StaticString, _ text: String) {
        append(plainName: name)
        append(value: text)
    }

    /// Adds a field with a whole number.
    package mutating func add(_ name: StaticString, _ number: Int) {
        append(plainName: name)
        append(number)
    }

    /// Adds a field with bytes that need no escapes, handed over one by one.
    package mutating func add(_ name: StaticString, plain bytes: ((UInt8) -> Void) -> Void) {
        append(plainName: name)
        if format == .json { self.bytes.append(UInt8(ascii: "\"")) }
        bytes { self.bytes.append($0) }
        if format == .json { self.bytes.append(UInt8(ascii: "\"")) }
    }

    /// Adds a duration in milliseconds, with three digits after the point.
    package mutating func add(_ name: StaticString, milliseconds nanoseconds: Int) {
        append(plainName: name)
        let microseconds = max(nanoseconds, 0) / 1_000
        append(microseconds / 1_000)
        bytes.append(UInt8(ascii: "."))
        var divisor = 100
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: microseconds / divisor % 10))
            divisor /= 10
        }
    }

    /// Adds a field whose name is not known to be plain.
    package mutating func add(name: String, _ text: String) {
        append(name: name)
        append(value: text)
    }

    /// Adds a field whose name is not known to be plain.
    package mutating func add(name: String, _ number: Int) {
        append(name: name)
        append(number)
    }

    /// The line with its end, behind what was there before.
    package consuming func finished() -> [UInt8] {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func append(plainName name: StaticString) {
        append(format == .json ? ",\"" : " ")
        append(name)
        append(format == .json ? "\":" : "=")
    }

    private mutating func append(name: String) {
        append(format == .json ? "," : " ")
        appendEscaped(name, quoting: format == .json)
        append(format == .json ? ":" : "=")
    }

    private mutating func append(value text: String) {
        let quoting = format == .json || text.isEmpty || text.utf8.contains { $0 <= UInt8(ascii: " ") }
        appendEscaped(text, quoting: quoting)
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ number: Int) {
        guard number >= 0, number < 10_000_000 else { return bytes.append(contentsOf: String(number).utf8) }
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Text with JSON's escapes, which a text line uses too.
    private mutating func appendEscaped(_ text: String, quoting: Bool) {
        if quoting { bytes.append(UInt8(ascii: "\"")) }
        var text = text
        text.withUTF8 { buffer in
            let isPlain = unsafe buffer.allSatisfy { byte in
                byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
            if isPlain {
                unsafe bytes.append(contentsOf: buffer)
            } else {
                unsafe buffer.forEach { appendEscaped($0, quoting: quoting) }
            }
        }
        if quoting { bytes.append(UInt8(ascii: "\"")) }
    }

    private mutating func appendEscaped(_ byte: UInt8, quoting: Bool) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            if quoting { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case 0..<0x20, 0x7F:
            let digits = String(byte, radix: 16)
            bytes += "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
        default: bytes.append(byte)
        }
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
