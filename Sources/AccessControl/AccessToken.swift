/// A token: 256 bits nobody can guess, and a beginning by which people and scanners of leaked secrets know it.
package struct AccessToken: Sendable {
    /// What every token of this server's making begins with.
    package static let prefix = "dsk_"

    /// The token itself. The only place it is to go to is its owner.
    package let secret: String

    /// A new token, from the system's own generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        secret = Self.prefix + Self.base64URL(bytes)
    }

    /// The line that lists the token: its digest, the roles and the name.
    package func line(role: String, name: String?) -> String {
        "\(TokenDigest(of: secret).hexadecimal) \(role)" + (name.map { " " + $0 } ?? "")
    }

    /// RFC 4648, section 5, without padding: every character may stand in a header field and in a URL.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
        var text = String.UnicodeScalarView()
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(text)
    }
}
