/// A second, plain reading of RFC 8259, to compare the real one with: whether a text is JSON, and nothing else.
package struct StrictJSON {
    private let bytes: [UInt8]
    private var position = 0

    package static func isValid(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var checker = StrictJSON(bytes: bytes)
        return checker.value() && checker.peek() == nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func peek() -> Character? {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return current
    }

    private var current: Character? {
        position < bytes.count ? Character(Unicode.Scalar(bytes[position])) : nil
    }

    private mutating func skip(_ character: Character) -> Bool {
        guard current == character else { return false }
        position += 1
        return true
    }

    private mutating func value() -> Bool {
        switch peek() {
        case "{":
            return list(end: "}") { checker in
                guard checker.peek() == "\"", checker.string(), checker.peek() == ":" else { return false }
                return checker.skip(":") && checker.value()
            }
        case "[": return list(end: "]") { checker in checker.value() }
        case "\"": return string()
        case "t": return word("true")
        case "f": return word("false")
        case "n": return word("null")
        default: return number()
        }
    }

    private mutating func list(end: Character, _ element: (inout StrictJSON) -> Bool) -> Bool {
        position += 1
        if peek() == end { return skip(end) }
        while true {
            guard element(&self) else { return false }
            _ = peek()
            if skip(end) { return true }
            guard skip(",") else { return false }
        }
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func string() -> Bool {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case 0..<0x20: return false
            case UInt8(ascii: "\\"):
                guard let escape = current, "\"\\/bfnrtu".contains(escape) else { return false }
                position += 1
                if escape == "u" {
                    let digits = bytes[position...].prefix(4)
                    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
                        return false
                    }
                    position += 4
                }
            default: break
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = skip("-")
        if !skip("0") { guard digits() else { return false } }
        if skip(".") { guard digits() else { return false } }
        if skip("e") || skip("E") {
            _ = skip("-") || skip("+")
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while let digit = current, ("0"..."9").contains(digit) { position += 1 }
        return position > start
    }
}
