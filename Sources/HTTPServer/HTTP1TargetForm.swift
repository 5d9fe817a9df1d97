/// A request target (RFC 9112, section 3.2), taken apart and checked: `/path?query`, `http://host/path?query` or `*`.
struct HTTP1TargetForm {
    /// Empty when an absolute form has none.
    let path: Range<Int>
    let query: Range<Int>?

    init(_ input: Span<UInt8>, _ target: Range<Int>, method: HTTPMethod) throws(HTTPError) {
        var start = target.lowerBound
        if input[start] != ASCII.slash {
            if target.count == 1, input[start] == ASCII.asterisk, method == .options {
                path = target
                query = nil
                return
            }
            start = try Self.endOfAuthority(input, target)
        }
        var question: Int?
        var isEncoded = false
        for index in start..<target.upperBound {
            switch input[index] {
            case ASCII.question where question == nil: question = index
            case ASCII.percent: isEncoded = true
            // A fragment is never sent; a backslash is a slash to some readers.
            case ASCII.number, ASCII.backslash: throw .malformed(.target)
            default: break
            }
        }
        path = start..<(question ?? target.upperBound)
        query = question.map { $0 + 1..<target.upperBound }
        if isEncoded {
            guard PercentEncoding.isValid(input.array(path)[...]),
                query.map({ PercentEncoding.isValid(input.array($0)[...]) }) ?? true
            else { throw .malformed(.percentEncoding) }
        }
    }

    /// Where the path begins in an absolute form. The authority must be one; which it is matters to nobody here, and by
    /// section 3.2.2 it comes before the `Host` field, which has to be there all the same.
    private static func endOfAuthority(_ input: Span<UInt8>, _ target: Range<Int>) throws(HTTPError) -> Int {
        for scheme: StaticString in ["http://", "https://"] {
            let start = target.lowerBound + scheme.utf8CodeUnitCount
            guard start <= target.upperBound, input.matches(target.lowerBound..<start, ignoringCase: scheme) else {
                continue
            }
            var end = start
            while end < target.upperBound, input[end] != ASCII.slash, input[end] != ASCII.question { end += 1 }
            guard HTTP1Host.isValid(input, start..<end) else { break }
            return end
        }
        throw .malformed(.target)
    }
}
