import Glibc

/// The value of a `Host` field (RFC 9110, section 7.2): `uri-host [ ":" port ]`, and not empty.
enum HTTP1Host {
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var position = range.lowerBound
        if input[position] == ASCII.openBracket {
            position += 1
            let start = position
            while position < range.upperBound, input[position].isAddressLiteral { position += 1 }
            guard position < range.upperBound, input[position] == ASCII.closeBracket,
                isIPv6Address(input, start..<position)
            else { return false }
            position += 1
        } else {
            var isEncoded = false
            while position < range.upperBound, input[position].isRegisteredName {
                if input[position] == ASCII.percent { isEncoded = true }
                position += 1
            }
            guard position > range.lowerBound else { return false }
            if isEncoded, !PercentEncoding.isValid(input.array(range.lowerBound..<position)[...]) { return false }
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

    /// The other literals of RFC 3986, `IPvFuture`, name no address that anybody has.
    private static func isIPv6Address(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, input.text(range), &address) == 1
    }
}

extension UInt8 {
    /// A byte of an address between brackets: hexadecimal digits, colons, dots.
    fileprivate var isAddressLiteral: Bool { hexadecimalValue != nil || self == ASCII.colon || self == 0x2E }
}
