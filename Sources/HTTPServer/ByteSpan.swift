import Glibc

/// Searching and comparing the bytes of a span.
extension Span<UInt8> {
    /// The first line feed at or behind `start`.
    func firstLineFeed(from start: Int) -> Int? { firstIndex(of: ASCII.lineFeed, from: start) }

    /// The first such byte at or behind `start`.
    package func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count else { return nil }
        return unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// The first byte of the range that a field value may not hold (RFC 9110, section 5.5).
    func firstOutsideFieldValues(_ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        let ones: UInt64 = 0x0101_0101_0101_0101
        while range.upperBound - index >= 8 {
            // Eight at a time: is one of them below the space, or the delete character?
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let differences = word ^ ones &* UInt64(ASCII.delete)
            let low = (word &- ones &* UInt64(ASCII.space)) & ~word
            let delete = (differences &- ones) & ~differences
            if (low | delete) & ones &* 0x80 != 0 { break }
            index += 8
        }
        while index < range.upperBound {
            if !self[index].isFieldValue { return index }
            index += 1
        }
        return nil
    }

    /// The range without spaces and tabs at its ends.
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower] == ASCII.space || self[lower] == ASCII.tab { lower += 1 }
        while lower < upper, self[upper - 1] == ASCII.space || self[upper - 1] == ASCII.tab { upper -= 1 }
        return lower..<upper
    }

    /// Whether the range holds `text`, letter case aside.
    package func matches(_ range: Range<Int>, ignoringCase text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { other in
            for index in 0..<range.count {
                let byte = unsafe other[index]
                guard self[range.lowerBound + index].lowercasedASCII == byte.lowercasedASCII else { return false }
            }
            return true
        }
    }

    /// Whether the range holds exactly `text`.
    package func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { other in
            for index in 0..<range.count {
                let byte = unsafe other[index]
                guard self[range.lowerBound + index] == byte else { return false }
            }
            return true
        }
    }

    /// The items of a comma-separated list (RFC 9110, section 5.6.1), trimmed, empty ones included.
    func listItems(_ range: Range<Int>) -> [Range<Int>] {
        var items: [Range<Int>] = []
        var start = range.lowerBound
        for index in range where self[index] == ASCII.comma {
            items.append(trimmed(start..<index))
            start = index + 1
        }
        items.append(trimmed(start..<range.upperBound))
        return items
    }

    /// The bytes of the range as an array.
    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The bytes of the range as text; what is no UTF-8 is replaced.
    func text(_ range: Range<Int>) -> String { String(decoding: array(range), as: UTF8.self) }
}
