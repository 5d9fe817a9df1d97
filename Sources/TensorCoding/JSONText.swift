/// JSON as text, before its grammar.
enum JSONText {
    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\t")
    }

    // MARK: Faults. The index only says that there is one.

    /// The first place where the text is not UTF-8, a string is not closed, or holds a control character; `nil` when
    /// there is none.
    static func fault(in bytes: UnsafeRawBufferPointer) -> CodingError? {
        var openingQuote: Int?
        var index = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte >= 0x80 {
                guard let length = unsafe sequenceLength(bytes, at: index) else {
                    return error(.invalidUTF8, index)
                }
                index += length
                continue
            }
            if let quote = openingQuote {
                switch byte {
                case UInt8(ascii: "\""): openingQuote = nil
                case UInt8(ascii: "\\"):
                    guard index + 1 < bytes.count else { return error(.unterminatedString, quote) }
                    // A character of several bytes is checked on the next round.
                    if unsafe bytes[index + 1] < 0x80 {
                        if unsafe bytes[index + 1] < 0x20 {
                            return unsafe error(.controlCharacter(bytes[index + 1]), index + 1)
                        }
                        index += 1
                    }
                case 0..<0x20: return error(.controlCharacter(byte), index)
                default: break
                }
            } else if byte == UInt8(ascii: "\"") {
                openingQuote = index
            } else if byte == UInt8(ascii: "\\") {
                return error(.unexpectedByte(byte, expected: "a JSON value"), index)
            }
            index += 1
        }
        return openingQuote.map { error(.unterminatedString, $0) }
    }

    private static func error(_ fault: JSONFault, _ offset: Int) -> CodingError {
        .invalidJSON(fault, at: JSONLocation(offset: offset, pointer: ""))
    }

    /// The length of the UTF-8 sequence of two to four bytes at `index`, `nil` when there is none (Unicode, table 3-7).
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let second: ClosedRange<UInt8>
        let length: Int
        switch unsafe bytes[index] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index + length <= bytes.count else { return nil }
        guard unsafe second.contains(bytes[index + 1]) else { return nil }
        for offset in 2..<max(length, 2) {
            guard unsafe (0x80...0xBF).contains(bytes[index + offset]) else { return nil }
        }
        return length
    }

    // MARK: Escapes

    /// What is wrong with an escape, and where in the string.
    struct EscapeFault: Error {
        let fault: JSONFault
        let index: Int
    }

    /// A string's bytes with its escapes (RFC 8259, section 7) replaced.
    static func unescaped(_ raw: UnsafeBufferPointer<UInt8>) throws(EscapeFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let byte = unsafe raw[index]
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                index += 1
                continue
            }
            let start = index
            index += 2
            switch unsafe start + 1 < raw.count ? raw[start + 1] : 0 {
            case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "u"):
                guard var code = unsafe hexadecimal(raw, at: index) else {
                    throw EscapeFault(fault: .invalidEscape, index: start)
                }
                index += 4
                if (0xD800..<0xDC00).contains(code) {
                    guard index + 1 < raw.count, unsafe raw[index] == UInt8(ascii: "\\"),
                        unsafe raw[index + 1] == UInt8(ascii: "u"), let low = unsafe hexadecimal(raw, at: index + 2),
                        (0xDC00..<0xE000).contains(low)
                    else { throw EscapeFault(fault: .loneSurrogate, index: start) }
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                guard let scalar = Unicode.Scalar(code) else { throw EscapeFault(fault: .loneSurrogate, index: start) }
                bytes.append(contentsOf: String(scalar).utf8)
            default: throw EscapeFault(fault: .invalidEscape, index: start)
            }
        }
        return bytes
    }

    /// Four hexadecimal digits.
    private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = unsafe bytes[index + offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt32((byte | 0x20) - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
