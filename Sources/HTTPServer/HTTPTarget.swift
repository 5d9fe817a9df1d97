/// A request's target: a path with an optional query, or the asterisk of `OPTIONS *`.
///
/// The percent-encoding was checked when the head was parsed: every `%` is followed by two hexadecimal digits, nothing
/// decodes to NUL, and what is decoded is UTF-8. Dot segments are not resolved: the path is a name, not a file's path.
package struct HTTPTarget: Sendable {
    /// The head's bytes, shared with the header fields.
    let bytes: [UInt8]
    let pathRange: Range<UInt32>
    /// The only byte of a path that an absolute form left out.
    let impliedPath: UInt8?
    /// Without its question mark; nil when there is none.
    let queryRange: Range<UInt32>?

    /// Whether the target is `*`: the request is about the server as a whole.
    package var isAsterisk: Bool { pathBytes.elementsEqual(CollectionOfOne(ASCII.asterisk)) }

    /// The path as the client wrote it, `/` or more (`*` for the asterisk).
    package var rawPath: String { String(decoding: pathBytes, as: UTF8.self) }

    /// Whether there is a query, if only an empty one.
    package var hasQuery: Bool { queryRange != nil }

    /// The query as the client wrote it, without the question mark.
    package var rawQuery: String? {
        queryRange.map { String(decoding: bytes[Int($0.lowerBound)..<Int($0.upperBound)], as: UTF8.self) }
    }

    /// Whether the path is exactly this one, byte for byte. Makes no String.
    package func isPath(_ path: StaticString) -> Bool {
        if impliedPath != nil { return path.withUTF8Buffer { unsafe pathBytes.elementsEqual($0) } }
        guard pathRange.count == path.utf8CodeUnitCount else { return false }
        let start = Int(pathRange.lowerBound)
        for index in 0..<pathRange.count {
            guard unsafe bytes[start + index] == path.utf8Start[index] else { return false }
        }
        return true
    }

    /// The segment that stands in a path between a beginning and an end, when that is all there is and nothing in it is
    /// encoded; nil for any other path. Makes no String but that.
    package func segment(behind beginning: StaticString, before end: StaticString) -> String? {
        guard impliedPath == nil else { return nil }
        let first = Int(pathRange.lowerBound) + beginning.utf8CodeUnitCount
        let last = Int(pathRange.upperBound) - end.utf8CodeUnitCount
        guard first < last, holds(beginning, at: Int(pathRange.lowerBound)), holds(end, at: last) else { return nil }
        for index in first..<last where bytes[index] == ASCII.slash || bytes[index] == ASCII.percent { return nil }
        return String(decoding: bytes[first..<last], as: UTF8.self)
    }

    private func holds(_ text: StaticString, at start: Int) -> Bool {
        for index in 0..<text.utf8CodeUnitCount {
            guard unsafe bytes[start + index] == text.utf8Start[index] else { return false }
        }
        return true
    }

    /// The path's segments, percent-decoded one by one, so that an encoded slash stays inside its segment. `/` has one,
    /// which is empty; `/a/b` has two.
    package var segments: [String] {
        pathBytes.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false)
            .map { String(decoding: PercentEncoding.decode($0), as: UTF8.self) }
    }

    /// The query's `name=value` items in order, percent-decoded, `+` read as a space; a name alone has an empty value.
    package var queryItems: [(name: String, value: String)] {
        guard let queryRange else { return [] }
        var items: [(name: String, value: String)] = []
        var start = Int(queryRange.lowerBound)
        let last = Int(queryRange.upperBound)
        while start < last {
            let end = bytes[start..<last].firstIndex(of: ASCII.ampersand) ?? last
            defer { start = end + 1 }
            guard start < end else { continue }
            let equals = bytes[start..<end].firstIndex(of: ASCII.equals) ?? end
            items.append((queryText(start..<equals), queryText(min(equals + 1, end)..<end)))
        }
        return items
    }

    private func queryText(_ range: Range<Int>) -> String {
        String(decoding: PercentEncoding.decode(bytes[range], plusIsSpace: true), as: UTF8.self)
    }

    /// The value of the first query item of this name.
    package func query(_ name: String) -> String? {
        queryRange == nil ? nil : queryItems.first { $0.name == name }?.value
    }

    private var pathBytes: ArraySlice<UInt8> {
        if let impliedPath { return [impliedPath] }
        return bytes[Int(pathRange.lowerBound)..<Int(pathRange.upperBound)]
    }
}
