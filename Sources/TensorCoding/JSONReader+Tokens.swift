import CSimdjson
import DenseEngine

// The tokens themselves: what begins where, and scalars that have been recognised by their first byte.
extension JSONReader {
    var isAtEnd: Bool { unsafe token >= document.token_count }

    /// Where the next token begins; the document's length when there is none.
    var offset: Int { unsafe isAtEnd ? document.count : Int(document.offsets[token]) }

    /// The first byte of the next token; 0, which begins no value of JSON, when there is none.
    func peek() -> UInt8 {
        unsafe isAtEnd ? 0 : document.bytes[offset]
    }

    mutating func expect(_ character: Unicode.Scalar, orElse expected: String) throws(CodingError) {
        guard !isAtEnd, peek() == UInt8(ascii: character) else { throw unexpected(expected) }
        token += 1
    }

    /// The error for a next token that is not `expected`.
    func unexpected(_ expected: String) -> CodingError {
        if isAtEnd { return .invalidJSON(.unexpectedEnd(expected: expected), at: location) }
        let byte = peek()
        if byte == 0xEF && offset == 0 { return .invalidJSON(.byteOrderMark, at: location) }
        // A word misspelt, rather than a character out of place.
        let isWord = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return .invalidJSON(isWord ? .invalidLiteral : .unexpectedByte(byte, expected: expected), at: location)
    }

    // MARK: Words

    mutating func word(_ word: StaticString) throws(CodingError) {
        let start = offset
        let end = start + word.utf8CodeUnitCount
        var matches = unsafe end <= document.count
        for index in 0..<word.utf8CodeUnitCount where matches {
            matches = unsafe document.bytes[start + index] == word.utf8Start[index]
        }
        guard matches, endsScalar(end) else { throw .invalidJSON(.invalidLiteral, at: location) }
        token += 1
    }

    /// Whether a number or a word may end before `offset`. A quote may not follow one: it would be part of the token.
    private func endsScalar(_ offset: Int) -> Bool {
        guard unsafe offset < document.count else { return true }
        switch unsafe document.bytes[offset] {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            return true
        default: return false
        }
    }

    // MARK: Numbers

    /// The next token as an integer, or `nil`, which leaves it unread.
    mutating func integer() -> Int? {
        var value: Int64 = 0
        guard unsafe csj_integer(document, token, &value) == csj_ok else { return nil }
        token += 1
        return Int(value)
    }

    mutating func double() throws(CodingError) -> Double {
        var value = 0.0
        try check(unsafe csj_double(document, token, &value), .float64)
        token += 1
        return value
    }

    mutating func float() throws(CodingError) -> Float {
        var value: Float = 0
        try check(unsafe csj_float(document, token, &value), .float32)
        token += 1
        return value
    }

    private func check(_ status: csj_status, _ type: DType) throws(CodingError) {
        switch status {
        case csj_ok: break
        case csj_non_finite: if !allowsNonFinite { throw .nonFiniteToken(numberText, at: location) }
        case csj_out_of_range: throw .numberOutOfRange(numberText, type: type, at: location)
        default:
            let isWord = peek() == UInt8(ascii: "N") || peek() == UInt8(ascii: "I")
            throw .invalidJSON(isWord ? .invalidLiteral : .invalidNumber, at: location)
        }
    }

    /// The next token as it is written, cut off where an error message would become unreadable.
    var numberText: String {
        let start = offset
        var end = start
        while !endsScalar(end) && end - start < 40 { end += 1 }
        let text = unsafe String(
            decoding: UnsafeBufferPointer(start: document.bytes + start, count: end - start), as: UTF8.self)
        return endsScalar(end) ? text : text + "…"
    }

    // MARK: Strings

    /// The bytes between the quotes of the next token. Between two tokens there is nothing but white space, so the
    /// closing quote is found from behind.
    func stringBytes() throws(CodingError) -> UnsafeBufferPointer<UInt8> {
        let start = offset + 1
        var end = unsafe token + 1 < document.token_count ? Int(document.offsets[token + 1]) : document.count
        while unsafe end > start && document.bytes[end - 1] != UInt8(ascii: "\"") {
            guard unsafe JSONText.isWhiteSpace(document.bytes[end - 1]) else { break }
            end -= 1
        }
        guard unsafe end > start && document.bytes[end - 1] == UInt8(ascii: "\"") else {
            throw .invalidJSON(.unterminatedString, at: location)
        }
        return unsafe UnsafeBufferPointer(start: document.bytes + start, count: end - 1 - start)
    }

    /// The next token, which is known to be a string.
    mutating func string() throws(CodingError) -> String {
        let raw = unsafe try stringBytes()
        let text =
            unsafe raw.contains(UInt8(ascii: "\\"))
            ? String(decoding: unsafe try unescaped(raw), as: UTF8.self) : unsafe String(decoding: raw, as: UTF8.self)
        token += 1
        return text
    }

    /// The next token's bytes with its escapes replaced.
    func unescaped(_ raw: UnsafeBufferPointer<UInt8>) throws(CodingError) -> [UInt8] {
        do throws(JSONText.EscapeFault) {
            return unsafe try JSONText.unescaped(raw)
        } catch {
            let location = JSONLocation(offset: offset + 1 + error.index, pointer: location.pointer)
            throw .invalidJSON(error.fault, at: location)
        }
    }
}
