/// The first line of a request (RFC 9112, section 3): `method SP request-target SP HTTP-version`.
struct HTTP1RequestLine {
    let method: HTTPMethod
    let minorVersion: Int
    /// Where the path lies in the input.
    let path: Range<Int>
    /// Where the query lies, without its question mark.
    let query: Range<Int>?
    /// Whether an absolute form left the path out, so that it is `/`, or `*` with OPTIONS.
    let impliesPath: Bool

    /// The path when the target does not spell it.
    var impliedPath: UInt8 { method == .options ? ASCII.asterisk : ASCII.slash }

    init(_ input: Span<UInt8>, _ line: Range<Int>, maxTargetBytes: Int) throws(HTTPError) {
        var position = line.lowerBound
        while position < line.upperBound, input[position].isToken { position += 1 }
        let name = line.lowerBound..<position
        guard !name.isEmpty, position < line.upperBound, input[position] == ASCII.space else {
            throw Self.isBareReturn(input, line) ? .malformed(.lineEnding) : .malformed(.requestLine)
        }
        position += 1
        let targetStart = position
        while position < line.upperBound, input[position] > ASCII.space, input[position] < ASCII.delete {
            position += 1
        }
        let target = targetStart..<position
        guard target.count <= maxTargetBytes else { throw .targetTooLong(limit: maxTargetBytes) }
        guard !target.isEmpty, position < line.upperBound, input[position] == ASCII.space else {
            throw Self.isBareReturn(input, line) ? .malformed(.lineEnding) : .malformed(.requestLine)
        }
        minorVersion = try Self.minorVersion(input, position + 1..<line.upperBound)
        guard let method = HTTPMethod(input, name) else {
            throw .unknownMethod(input.text(name.prefix(32)))
        }
        self.method = method
        let form = try HTTP1TargetForm(input, target, method: method)
        path = form.path
        query = form.query
        impliesPath = form.path.isEmpty
    }

    /// `HTTP/1.0` is 0; any later minor version is spoken to as 1.1 (RFC 9110, section 2.5).
    private static func minorVersion(_ input: Span<UInt8>, _ range: Range<Int>) throws(HTTPError) -> Int {
        guard range.count == 8, input.matches(range.lowerBound..<range.lowerBound + 5, "HTTP/"),
            input[range.lowerBound + 5].isDigit, input[range.lowerBound + 6] == 0x2E,
            input[range.lowerBound + 7].isDigit
        else { throw isBareReturn(input, range) ? .malformed(.lineEnding) : .malformed(.requestLine) }
        guard input[range.lowerBound + 5] == ASCII.zero + 1 else { throw .unsupportedVersion(input.text(range)) }
        return input[range.lowerBound + 7] == ASCII.zero ? 0 : 1
    }

    private static func isBareReturn(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        range.contains { input[$0] == ASCII.carriageReturn }
    }
}
