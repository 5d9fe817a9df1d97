/// The value of a `Host` field (RFC 9110, section 7.2): `uri-host [ ":" port ]`, and not empty.
enum HTTP1Host {
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var position = range.lowerBound
        if input[position] == ASCII.openBracket {
            position += 1
            let start = position
            // An IPv6 address or a later kind: what is inside is not looked up, only kept to its alphabet.
            while position < range.upperBound, input[position].isAddressLiteral { position += 1 }
            guard position > start, position < range.upperBound, input[position] == ASCII.closeBracket else {
                return false
            }
            position += 1
        } else {
            while position < range.upperBound, input[position].isRegisteredName { position += 1 }
            guard position > range.lowerBound else { return false }
        }
        guard position < range.upperBound else { return true }
        guard input[position] == ASCII.colon else { return false }
        var port = 0
        for index in position + 1..<range.upperBound {
            guard input[index].isDigit else { return false }
            port = port * 10 + Int(input[index] - ASCII.zero)
            guard port <= 65535 else { return false }
        }
        return true
    }
}

extension UInt8 {
    /// A byte of an address between brackets: hexadecimal digits, colons, dots.
    fileprivate var isAddressLiteral: Bool { hexadecimalValue != nil || self == ASCII.colon || self == 0x2E }
}
