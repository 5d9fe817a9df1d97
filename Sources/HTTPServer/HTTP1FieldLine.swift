/// Where the name and the value lie in one field line (RFC 9112, section 5).
struct HTTP1FieldLine {
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>

    /// Reads a line that has lost its CR LF. White space before the colon, and lines that begin with white space, are
    /// refused: readers that disagree on them see different fields.
    init(_ input: Span<UInt8>, _ line: Range<Int>) throws(HTTPError) {
        var position = line.lowerBound
        if line.isEmpty || input[position] == ASCII.space || input[position] == ASCII.tab {
            throw .malformed(.foldedLine)
        }
        while position < line.upperBound, input[position].isToken { position += 1 }
        guard position > line.lowerBound, position < line.upperBound, input[position] == ASCII.colon else {
            throw .malformed(.fieldLine)
        }
        name = line.lowerBound..<position
        value = input.trimmed(position + 1..<line.upperBound)
        if let wrong = input.firstOutsideFieldValues(value) {
            throw .malformed(input[wrong] == ASCII.carriageReturn ? .lineEnding : .fieldValue)
        }
    }
}
