/// The bytes HTTP gives a meaning to, and the classes RFC 9110 and RFC 3986 sort them into.
enum ASCII {
    static let null: UInt8 = 0x00
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let number: UInt8 = 0x23
    static let percent: UInt8 = 0x25
    static let ampersand: UInt8 = 0x26
    static let asterisk: UInt8 = 0x2A
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let question: UInt8 = 0x3F
    static let at: UInt8 = 0x40
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let delete: UInt8 = 0x7F
}

extension UInt8 {
    /// The letter in lower case; every other byte as it is.
    var lowercasedASCII: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = self | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter &- 0x57 : nil
    }

    /// `tchar` of RFC 9110, section 5.6.2: the bytes of a method or a field name.
    var isToken: Bool {
        // Two 64-bit sets instead of a table: no memory is read.
        if self < 64 { return 0x03FF_6CFA_0000_0000 &>> UInt64(self) & 1 == 1 }
        return self < 128 && 0x57FF_FFFF_C7FF_FFFE &>> UInt64(self &- 64) & 1 == 1
    }

    /// A byte a field value may hold (RFC 9110, section 5.5): visible, space, tab, or above ASCII.
    var isFieldValue: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }

    /// A byte of `reg-name` (RFC 3986, section 3.2.2), percent sign included.
    var isRegisteredName: Bool {
        if isLetter || isDigit { return true }
        switch self {
        // - . _ ~ ! $ & ' ( ) * + , ; = %
        case 0x2D, 0x2E, 0x5F, 0x7E, 0x21, 0x24, 0x26...0x2C, 0x3B, 0x3D, 0x25: return true
        default: return false
        }
    }
}

extension Sequence<UInt8> {
    /// Whether these bytes are `text`, letter case aside.
    func matchesIgnoringCase(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { other in
            var index = 0
            for byte in self {
                guard index < other.count, unsafe other[index].lowercasedASCII == byte.lowercasedASCII else {
                    return false
                }
                index += 1
            }
            return index == other.count
        }
    }
}
