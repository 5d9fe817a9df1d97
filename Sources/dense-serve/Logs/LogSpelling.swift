package import HTTPServer
package import Logging

/// The parts of log lines, each into memory that has room for it: the access log puts its whole line where it is kept. Every
/// byte a client or a file can influence is escaped, so that nobody can write a second line or a control sequence into the
/// log.
package struct LogSpelling: Sendable {
    private let format: LogFormat
    private let isJSON: Bool

    /// The most bytes of a line without its message and fields.
    package static let frameCount = 80
    /// The most bytes of a field with a whole number, or a duration, besides its name.
    package static let numberCount = 26

    package init(_ format: LogFormat) {
        self.format = format
        isJSON = format == .json
    }

    /// The most bytes of a text, escaped and quoted, with a name's punctuation.
    package static func count(_ text: String) -> Int { 6 * text.utf8.count + 6 }

    /// Begins a line: time, level and message.
    package func begin(
        _ level: Logger.Level, _ message: String, at time: LogTimestamp, to output: inout OutputSpan<UInt8>
    ) {
        switch format {
        case .text(let colour):
            time.append(to: &output)
            let name = " " + level.rawValue.padded(to: 9)
            append(utf8: colour ? Self.coloured(name, level) : name, to: &output)
            appendEscaped(message, quoting: false, to: &output)
        case .json:
            output.append("{\"time\":\"")
            time.append(to: &output)
            output.append("\",\"level\":\"")
            append(utf8: level.rawValue, to: &output)
            output.append("\",\"message\":")
            appendEscaped(message, quoting: true, to: &output)
        }
    }

    /// Ends a line.
    package func end(to output: inout OutputSpan<UInt8>) { output.append(isJSON ? "}\n" : "\n") }

    /// Adds a field with a text.
    package func add(_ name: StaticString, _ text: String, to output: inout OutputSpan<UInt8>) {
        append(plainName: name, to: &output)
        append(value: text, to: &output)
    }

    /// Adds a field with the identifier of a request.
    package func add(_ name: StaticString, _ id: RequestID, to output: inout OutputSpan<UInt8>) {
        append(plainName: name, to: &output)
        if isJSON { output.append("\"") }
        id.append(to: &output)
        if isJSON { output.append("\"") }
    }

    /// Adds a field with a whole number.
    package func add(_ name: StaticString, _ number: Int, to output: inout OutputSpan<UInt8>) {
        append(plainName: name, to: &output)
        append(number, to: &output)
    }

    /// Adds a duration in milliseconds, with three digits after the point.
    package func add(_ name: StaticString, milliseconds nanoseconds: Int, to output: inout OutputSpan<UInt8>) {
        append(plainName: name, to: &output)
        let microseconds = max(nanoseconds, 0) / 1_000
        append(microseconds / 1_000, to: &output)
        output.append(UInt8(ascii: "."))
        output.append(digits: microseconds % 1_000, width: 3)
    }

    /// Adds a field whose name is not known to be plain.
    package func add(name: String, _ text: String, to output: inout OutputSpan<UInt8>) {
        append(name: name, to: &output)
        append(value: text, to: &output)
    }

    /// Adds a field whose name is not known to be plain.
    package func add(name: String, _ number: Int, to output: inout OutputSpan<UInt8>) {
        append(name: name, to: &output)
        append(number, to: &output)
    }

    // MARK: Pieces

    private func append(plainName name: StaticString, to output: inout OutputSpan<UInt8>) {
        unsafe output.withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= name.utf8CodeUnitCount + (isJSON ? 4 : 2))
            func add(_ byte: UInt8) {
                unsafe buffer.initializeElement(at: count, to: byte)
                count += 1
            }
            if isJSON {
                add(UInt8(ascii: ","))
                add(UInt8(ascii: "\""))
            } else {
                add(UInt8(ascii: " "))
            }
            for index in 0..<name.utf8CodeUnitCount { add(unsafe name.utf8Start[index]) }
            if isJSON {
                add(UInt8(ascii: "\""))
                add(UInt8(ascii: ":"))
            } else {
                add(UInt8(ascii: "="))
            }
        }
    }

    private func append(name: String, to output: inout OutputSpan<UInt8>) {
        output.append(isJSON ? "," : " ")
        appendEscaped(name, quoting: isJSON, to: &output)
        output.append(isJSON ? ":" : "=")
    }

    private func append(value text: String, to output: inout OutputSpan<UInt8>) {
        let quoting = isJSON || text.isEmpty || text.utf8.contains { $0 <= UInt8(ascii: " ") }
        appendEscaped(text, quoting: quoting, to: &output)
    }

    private func append(utf8 text: String, to output: inout OutputSpan<UInt8>) {
        var text = text
        text.withUTF8 { unsafe output.append($0) }
    }

    private func append(_ number: Int, to output: inout OutputSpan<UInt8>) {
        guard let small = UInt32(exactly: number) else { return append(utf8: String(number), to: &output) }
        output.append(small)
    }

    /// Text with JSON's escapes, which a text line uses too.
    private func appendEscaped(_ text: String, quoting: Bool, to output: inout OutputSpan<UInt8>) {
        if quoting { output.append(UInt8(ascii: "\"")) }
        var text = text
        text.withUTF8 { buffer in
            let isPlain = unsafe buffer.allSatisfy { byte in
                byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
            if isPlain {
                unsafe output.append(buffer)
            } else {
                unsafe buffer.forEach { Self.appendEscaped($0, quoting: quoting, to: &output) }
            }
        }
        if quoting { output.append(UInt8(ascii: "\"")) }
    }

    private static func appendEscaped(_ byte: UInt8, quoting: Bool, to output: inout OutputSpan<UInt8>) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            if quoting { output.append(UInt8(ascii: "\\")) }
            output.append(byte)
        case UInt8(ascii: "\n"): output.append("\\n")
        case UInt8(ascii: "\r"): output.append("\\r")
        case UInt8(ascii: "\t"): output.append("\\t")
        case 0..<0x20, 0x7F:
            output.append("\\u00")
            for digit in [byte >> 4, byte & 15] {
                output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        default: output.append(byte)
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
