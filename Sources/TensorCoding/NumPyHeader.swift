/// The dictionary at the head of a `.npy` file, and the grammar of what is taken for one:
///
///     header = "{" [ member *( "," member ) [ "," ] ] "}"
///     member = string ":" ( string | "True" | "False" | tuple )
///     tuple  = "(" ")" | "(" number "," ")" | "(" number 1*( "," number ) [ "," ] ")"
///
/// with white space between any two of them and at the end: the literals that `numpy.save` writes, no expressions. The
/// members are `descr`, `fortran_order` and `shape`, each once, in any order.
struct NumPyHeader {
    let descr: String
    let fortranOrder: Bool
    let shape: [Int]

    /// - Parameter offset: where in the file the header begins, for error messages.
    init(_ bytes: [UInt8], offset: Int) throws(CodingError) {
        var parser = Parser(bytes: bytes, offset: offset)
        var descr: String?
        var fortranOrder: Bool?
        var shape: [Int]?
        try parser.expect("{")
        while !parser.skip("}") {
            let name = try parser.string()
            try parser.expect(":")
            switch name {
            case "descr" where descr == nil: descr = try parser.string()
            case "fortran_order" where fortranOrder == nil: fortranOrder = try parser.bool()
            case "shape" where shape == nil: shape = try parser.tuple()
            default: throw parser.error("the key '\(name)' is unknown or comes twice")
            }
            if !parser.skip(",") {
                try parser.expect("}")
                break
            }
        }
        guard parser.peek() == nil else { throw parser.error("something follows the dictionary") }
        guard let descr else { throw parser.error("the key 'descr' is missing") }
        guard let fortranOrder else { throw parser.error("the key 'fortran_order' is missing") }
        guard let shape else { throw parser.error("the key 'shape' is missing") }
        self.descr = descr
        self.fortranOrder = fortranOrder
        self.shape = shape
    }
}

/// A cursor over the header's text.
private struct Parser {
    let bytes: [UInt8]
    let offset: Int
    private var position = 0

    init(bytes: [UInt8], offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    func error(_ reason: String) -> CodingError {
        .invalidNumPyFile(.invalidHeader(reason: reason, offset: offset + position))
    }

    /// The next byte that is no white space.
    mutating func peek() -> UInt8? {
        while position < bytes.count, JSONText.isWhiteSpace(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(CodingError) {
        guard skip(character) else { throw error("'\(character)' is missing") }
    }

    /// A string in single or double quotes, without escapes.
    mutating func string() throws(CodingError) -> String {
        guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw error("a string is missing")
        }
        let rest = bytes[(position + 1)...]
        guard let end = rest.firstIndex(of: quote) else { throw error("a string is not closed") }
        let text = rest[..<end]
        guard text.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw error("a string holds more than plain ASCII")
        }
        position = end + 1
        return String(decoding: text, as: UTF8.self)
    }

    mutating func bool() throws(CodingError) -> Bool {
        _ = peek()
        for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw error("'fortran_order' is neither True nor False")
    }

    mutating func tuple() throws(CodingError) -> [Int] {
        try expect("(")
        var numbers: [Int] = []
        while !skip(")") {
            guard numbers.count < JSONReader.maximumDepth else {
                throw error("'shape' has more than \(JSONReader.maximumDepth) axes")
            }
            numbers.append(try number())
            if skip(",") { continue }
            // One number in parentheses is a number.
            guard numbers.count > 1 else { throw error("'shape' is no tuple") }
            try expect(")")
            break
        }
        return numbers
    }

    private mutating func number() throws(CodingError) -> Int {
        _ = peek()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = Int(String(decoding: digits, as: UTF8.self)),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { throw error("'shape' holds something that is no axis's size") }
        position += digits.count
        return number
    }
}
