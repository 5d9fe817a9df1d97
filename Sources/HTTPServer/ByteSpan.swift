/// Searching and comparing the bytes of a span.
extension Span<UInt8> {
    /// The first line feed at or behind `start`.
    func firstLineFeed(from start: Int) -> Int? { firstIndex(of: ASCII.lineFeed, from: start) }

    /// The first such byte at or behind `start`.
    package func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
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
