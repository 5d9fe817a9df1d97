internal import Crypto

/// The SHA-256 digest of a token: all that the server keeps of it.
package struct TokenDigest: Hashable, Sendable {
    /// The 32 bytes, to be compared without a look at where they differ.
    let words: SIMD4<UInt64>

    /// The digest of a token's bytes.
    package init(of token: ArraySlice<UInt8>) {
        var hash = SHA256()
        unsafe token.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        words = unsafe hash.finalize().withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// The digest of a token.
    package init(of token: String) { self.init(of: Array(token.utf8)[...]) }

    /// Reads 64 hexadecimal digits of either case; nil when `text` is anything else.
    package init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        words = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// 64 lowercase hexadecimal digits.
    package var hexadecimal: String {
        unsafe withUnsafeBytes(of: words) { bytes in
            unsafe bytes.map { byte in
                let digits = String(byte, radix: 16)
                return digits.utf8.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }
}
