/// An HTTP/1.1 request that asks to go on in HTTP/2 (RFC 7540, section 3.2; RFC 9113 no longer has it, clients still do).
struct HTTP2Upgrade {
    /// The longest body such a request may have: the connection is blocked until all of it is there.
    static let maxBodyBytes = 64 << 10

    /// What tells the client that the next bytes are HTTP/2.
    static let answer: StaticString =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    /// The payload of the SETTINGS frame that came in the `HTTP2-Settings` field.
    let settings: [UInt8]

    /// Nil when the request does not ask for it, or not properly: then it is answered as it came.
    init?(_ head: HTTPRequestHead) {
        guard head.version == .http11, head.headers.contains("upgrade") else { return nil }
        let options = Self.items(head.headers.values("connection")).map { $0.lowercased() }
        let encoded = head.headers.values("http2-settings")
        guard Self.items(head.headers.values("upgrade")).contains("h2c"), options.contains("upgrade"),
            options.contains("http2-settings"), encoded.count == 1, let settings = Self.decode(encoded[0]),
            settings.count.isMultiple(of: 6)
        else { return nil }
        self.settings = settings
    }

    private static func items(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }
            .map { item in String(item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }) }
    }

    /// base64url without padding (RFC 4648, section 5); some clients pad all the same.
    private static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != ASCII.equals }
        let padding = text.utf8.dropFirst(digits.count)
        guard padding.allSatisfy({ $0 == ASCII.equals }), padding.isEmpty || text.utf8.count.isMultiple(of: 4),
            padding.count < 3
        else { return nil }
        var bytes: [UInt8] = []
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for byte in digits {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte &- 0x41
            case 0x61...0x7A: value = byte &- 0x61 &+ 26
            case 0x30...0x39: value = byte &- 0x30 &+ 52
            case 0x2D: value = 62
            case 0x5F: value = 63
            default: return nil
            }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= (1 << bits) - 1
            }
        }
        // What is left of the last byte has to be zero, and less than a digit.
        return bits < 6 && group == 0 ? bytes : nil
    }
}
