import Synchronization

/// What `X-Request-Id` says: the client's own word where it sent a sane one, else a number of ours.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
    /// The longest identifier of a client that is taken up.
    static let maximumCount = 128

    private let client: String?
    private let number: UInt64

    /// A new identifier, different from every other of this process and very likely from those of others.
    package static func generate() -> RequestID {
        var numbers = RequestNumbers()
        return RequestID(client: nil, number: numbers.next())
    }

    /// The client's identifier, or a new one when `bytes` is not a plain token of 1 to 128 characters: what is echoed
    /// into headers and logs must not be able to break either.
    init(client bytes: ArraySlice<UInt8>?, numbers: inout RequestNumbers) {
        if let bytes, (1...Self.maximumCount).contains(bytes.count), bytes.allSatisfy(Self.isPlain) {
            self.init(client: String(decoding: bytes, as: UTF8.self), number: 0)
        } else {
            self.init(client: nil, number: numbers.next())
        }
    }

    private init(client: String?, number: UInt64) {
        self.client = client
        self.number = number
    }

    /// The identifier as text: sixteen hexadecimal digits unless it is the client's.
    package var description: String {
        if let client { return client }
        return unsafe withDigits { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// How many bytes it has: letters, digits and `-._~:+/=@`.
    package var count: Int { client?.utf8.count ?? 16 }

    /// Appends those bytes.
    package func append(to output: inout OutputSpan<UInt8>) {
        if var client { return client.withUTF8 { unsafe output.append($0) } }
        unsafe withDigits { unsafe output.append($0) }
    }

    /// Writes the identifier.
    func append(to output: inout ByteWriter) {
        if let client { return output.append(client) }
        unsafe withDigits { unsafe output.append($0) }
    }

    /// Shows the number's sixteen digits.
    private func withDigits<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let digits = (Self.hexadecimal(number &>> 32).bigEndian, Self.hexadecimal(number & 0xFFFF_FFFF).bigEndian)
        return unsafe withUnsafeBytes(of: digits) { unsafe $0.withMemoryRebound(to: UInt8.self) { unsafe body($0) } }
    }

    /// Eight hexadecimal digits of a number below 2^32, as text, the first in the highest byte: each digit is moved to a byte
    /// of its own, and then all become text at once.
    private static func hexadecimal(_ number: UInt64) -> UInt64 {
        var digits = (number | number &<< 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits &<< 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (digits &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        if byte.isLetter || byte.isDigit { return true }
        switch byte {
        // - . _ ~ : + / = @
        case 0x2D, 0x2E, 0x5F, 0x7E, 0x3A, 0x2B, 0x2F, 0x3D, 0x40: return true
        default: return false
        }
    }
}

/// Numbers that requests are called by, no two of a process alike. Whoever needs many keeps some: they are taken from a counter
/// a thousand at a time, so that threads hardly meet there.
struct RequestNumbers {
    private static let block: UInt64 = 1 << 10
    private static let counter = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    private var following: UInt64 = 0
    private var left: UInt64 = 0

    /// A number that nobody has had. The counter's, from a random start, is scrambled, so that neighbours look nothing alike
    /// (SplitMix64, a bijection).
    mutating func next() -> UInt64 {
        if left == 0 {
            following = Self.counter.wrappingAdd(Self.block, ordering: .relaxed).oldValue
            left = Self.block
        }
        var value = following &* 0x9E37_79B9_7F4A_7C15
        following &+= 1
        left -= 1
        value = (value ^ value &>> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value &>> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value &>> 31
    }
}
