/// Chunk extensions (RFC 9112, section 7.1.1): `*( ";" name [ "=" ( token / quoted-string ) ] )`.
///
/// The white space that the grammar calls bad is refused: a reader that stops at it sees another size line.
enum HTTP1ChunkExtension {
    /// Whether these bytes, from the first semicolon to the end of the line, follow the grammar.
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            guard input[position] == ASCII.semicolon else { return false }
            let name = endOfToken(input, position + 1, range.upperBound)
            guard name > position + 1 else { return false }
            position = name
            guard position < range.upperBound, input[position] == ASCII.equals else { continue }
            position += 1
            guard position < range.upperBound else { return false }
            if input[position] == ASCII.quote {
                guard let end = endOfQuoted(input, position, range.upperBound) else { return false }
                position = end
            } else {
                let value = endOfToken(input, position, range.upperBound)
                guard value > position else { return false }
                position = value
            }
        }
        return true
    }

    private static func endOfToken(_ input: Span<UInt8>, _ start: Int, _ limit: Int) -> Int {
        var position = start
        while position < limit, input[position].isToken { position += 1 }
        return position
    }

    /// Behind the closing quote of the quoted string that begins at `start`.
    private static func endOfQuoted(_ input: Span<UInt8>, _ start: Int, _ limit: Int) -> Int? {
        var position = start + 1
        while position < limit {
            switch input[position] {
            case ASCII.quote: return position + 1
            case ASCII.backslash where position + 1 < limit && input[position + 1].isFieldValue: position += 2
            case let byte where byte.isFieldValue && byte != ASCII.backslash: position += 1
            default: return nil
            }
        }
        return nil
    }
}
