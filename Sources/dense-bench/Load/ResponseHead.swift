/// The head of a response: what a client that only counts has to know of it.
struct ResponseHead {
    /// How the body's end is found (RFC 9112, section 6.3).
    enum Framing: Hashable {
        case length(Int)
        case chunked
        case untilClose
    }

    private(set) var status = 0
    private(set) var framing = Framing.untilClose
    private(set) var closes = false

    /// Reads a whole head from `position` on; `nil`, and nothing moved, when it is not all there.
    init?(_ bytes: Span<UInt8>, _ position: inout Int) throws(ResponseError) {
        var place = position
        guard let first = try Self.line(bytes, &place) else {
            // What cannot become a status line is not waited for.
            try Self.checkStart(bytes, position)
            return nil
        }
        status = try Self.status(bytes, first)
        var length: Int?
        var isChunked = false
        while true {
            guard let line = try Self.line(bytes, &place) else {
                guard bytes.count - position <= ResponseReader.maximumHead else {
                    throw .headTooLong(limit: ResponseReader.maximumHead)
                }
                return nil
            }
            guard !line.isEmpty else { break }
            if let value = Self.value(bytes, line, of: "content-length") {
                guard let number = Self.decimal(bytes, value), length ?? number == number else {
                    throw .malformedLength
                }
                length = number
            } else if let value = Self.value(bytes, line, of: "transfer-encoding") {
                isChunked = Self.ends(bytes, value, with: "chunked")
            } else if let value = Self.value(bytes, line, of: "connection") {
                closes = closes || Self.ends(bytes, value, with: "close")
            }
        }
        position = place
        if (100..<200).contains(status) || status == 204 || status == 304 {
            framing = .length(0)
        } else if isChunked {
            framing = .chunked
        } else if let length {
            framing = .length(length)
        }
    }

    /// The line at `position` without its end, which is LF or CRLF; `nil` when its end is not there.
    static func line(_ bytes: Span<UInt8>, _ position: inout Int) throws(ResponseError) -> Range<Int>? {
        var index = position
        let end = bytes.count
        while index < end {
            if bytes[index] == UInt8(ascii: "\n") {
                let start = position
                position = index + 1
                let hasReturn = index > start && bytes[index - 1] == UInt8(ascii: "\r")
                return start..<(hasReturn ? index - 1 : index)
            }
            index += 1
        }
        guard end - position <= ResponseReader.maximumHead else {
            throw .headTooLong(limit: ResponseReader.maximumHead)
        }
        return nil
    }

    /// The size of a chunk, in hexadecimal; extensions behind it are not looked at.
    static func chunkSize(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(ResponseError) -> Int {
        var size = 0
        var digits = 0
        loop: for index in line {
            let byte = bytes[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "\t"): break loop
            default: throw .malformedChunk
            }
            size = size << 4 | Int(digit)
            digits += 1
            guard digits <= 15 else { throw .malformedChunk }
        }
        guard digits > 0 else { throw .malformedChunk }
        return size
    }

    private static let version: StaticString = "HTTP/1."

    /// - Throws: `noStatusLine` when what there is does not begin as a status line does.
    private static func checkStart(_ bytes: Span<UInt8>, _ start: Int) throws(ResponseError) {
        let isOther = version.withUTF8Buffer { version in
            for index in 0..<min(version.count, bytes.count - start) {
                let expected = unsafe version[index]
                if bytes[start + index] != expected { return true }
            }
            return false
        }
        if isOther { throw .noStatusLine }
    }

    /// `HTTP/1.1 200 OK`
    private static func status(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(ResponseError) -> Int {
        try checkStart(bytes, line.lowerBound)
        let start = line.lowerBound + 9
        guard line.count >= 12, bytes[start - 1] == UInt8(ascii: " "),
            let status = decimal(bytes, start..<start + 3), status >= 100
        else { throw .noStatusLine }
        return status
    }

    /// The trimmed value of a field line whose name is `name`, in lower case there and in any case here.
    private static func value(_ bytes: Span<UInt8>, _ line: Range<Int>, of name: StaticString) -> Range<Int>? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, bytes[line.lowerBound + length] == UInt8(ascii: ":"),
            matches(bytes, line.lowerBound, name)
        else { return nil }
        var value = line.lowerBound + length + 1..<line.upperBound
        while let first = value.first, isBlank(bytes[first]) { value = value.dropFirst() }
        while let last = value.last, isBlank(bytes[last]) { value = value.dropLast() }
        return value
    }

    private static func ends(_ bytes: Span<UInt8>, _ value: Range<Int>, with word: StaticString) -> Bool {
        value.count >= word.utf8CodeUnitCount && matches(bytes, value.upperBound - word.utf8CodeUnitCount, word)
    }

    /// Whether the bytes from `start` on are those of `word`, letter case aside. All of them must be there.
    private static func matches(_ bytes: Span<UInt8>, _ start: Int, _ word: StaticString) -> Bool {
        word.withUTF8Buffer { word in
            for index in word.indices {
                let expected = unsafe word[index]
                // The bit that makes an ASCII letter small; the hyphen has it.
                guard bytes[start + index] | 0x20 == expected else { return false }
            }
            return true
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...18).contains(range.count) else { return nil }
        var number = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }
}
