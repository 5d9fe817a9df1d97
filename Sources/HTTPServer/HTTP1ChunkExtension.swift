/// Chunk extensions (RFC 9112, section 7.1.1): `*( ";" name [ "=" ( token / quoted-string ) ] )`.
///
/// White space round the semicolons and equals signs, which the grammar calls bad, has to be taken (RFC 9110, section
/// 5.6.3); it is refused anywhere else, between a size and its line's end above all.
enum HTTP1ChunkExtension {
    /// Whether these bytes, from the first semicolon to the end of the line, follow the grammar.
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            position = endOfSpace(input, position, range.upperBound)
            guard position < range.upperBound, input[position] == ASCII.semicolon else { return false }
            position = endOfSpace(input, position + 1, range.upperBound)
            let name = endOfToken(input, position, range.upperBound)
            guard name > position else { return false }
            position = name
            let equals = endOfSpace(input, position, range.upperBound)
            guard equals < range.upperBound, input[equals] == ASCII.equals else { continue }
            position = endOfSpace(input, equals + 1, range.upperBound)
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

    private static func endOfSpace(_ input: Span<UInt8>, _ start: Int, _ limit: Int) -> Int {
        var position = start
        while position < limit, input[position] == ASCII.space || input[position] == ASCII.tab { position += 1 }
        return position
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
