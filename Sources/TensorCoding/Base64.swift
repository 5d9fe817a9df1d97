/// Base64 (RFC 4648, section 4), strict: the standard alphabet, padded, nothing in between.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    // MARK: Decoding

    /// What is wrong with a text, and where.
    struct Failure: Error {
        let fault: Base64Fault
        let index: Int
    }

    /// For each place in a group of four a table from character to its bits, shifted to where they belong. Characters
    /// outside the alphabet have a bit above the group's 24.
    private static let decodingTable: [UInt32] = {
        var table = [UInt32](repeating: 1 << 24, count: 4 * 256)
        for (value, character) in alphabet.enumerated() {
            for place in 0..<4 {
                table[place * 256 + Int(character)] = UInt32(value) << UInt32(18 - 6 * place)
            }
        }
        return table
    }()

    /// How many bytes a text stands for, by its length and padding.
    static func decodedCount(_ text: UnsafeBufferPointer<UInt8>) throws(Failure) -> Int {
        guard text.count % 4 == 0 else { throw Failure(fault: .length(text.count), index: text.count) }
        return unsafe text.count / 4 * 3 - paddingCount(text)
    }

    private static func paddingCount(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        guard text.count >= 4, unsafe text[text.count - 1] == padding else { return 0 }
        return unsafe text[text.count - 2] == padding ? 2 : 1
    }

    /// Decodes a text into a buffer of exactly `decodedCount` bytes.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
        let padded = unsafe paddingCount(text)
        let wholeGroups = padded > 0 ? text.count / 4 - 1 : text.count / 4
        var failed: Int?
        unsafe decodingTable.withUnsafeBufferPointer { table in
            for group in 0..<wholeGroups {
                let at = group * 4
                let value =
                    unsafe table[Int(text[at])] | table[256 + Int(text[at + 1])]
                    | table[512 + Int(text[at + 2])] | table[768 + Int(text[at + 3])]
                guard value < 1 << 24 else {
                    failed = at
                    return
                }
                unsafe bytes[group * 3] = UInt8(truncatingIfNeeded: value >> 16)
                unsafe bytes[group * 3 + 1] = UInt8(truncatingIfNeeded: value >> 8)
                unsafe bytes[group * 3 + 2] = UInt8(truncatingIfNeeded: value)
            }
        }
        if let failed { throw unsafe failure(in: text, from: failed) }
        guard padded > 0 else { return }
        let at = wholeGroups * 4
        var value: UInt32 = 0
        for place in 0..<4 - padded {
            value |= unsafe decodingTable[place * 256 + Int(text[at + place])]
        }
        guard value < 1 << 24 else { throw unsafe failure(in: text, from: at) }
        let unused = UInt32(1) << UInt32(8 * padded) - 1
        guard value & unused == 0 else { throw Failure(fault: .trailingBits, index: at + 3 - padded) }
        unsafe bytes[wholeGroups * 3] = UInt8(truncatingIfNeeded: value >> 16)
        if padded == 1 { unsafe bytes[wholeGroups * 3 + 1] = UInt8(truncatingIfNeeded: value >> 8) }
    }

    /// The first character from `start` on that does not belong.
    private static func failure(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Failure {
        let index = unsafe text[start...].firstIndex { decodingTable[Int($0)] >= 1 << 24 } ?? start
        let character = unsafe text[index]
        return Failure(fault: character == padding ? .padding : .invalidCharacter(character), index: index)
    }

    // MARK: Encoding

    /// Twelve bits to two characters, the first in the lower byte.
    private static let encodingTable: [UInt16] = (0..<4096).map { bits in
        UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8
    }

    static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Encodes bytes into a buffer of at least `encodedCount` bytes.
    static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        unsafe encodingTable.withUnsafeBufferPointer { table in
            for group in 0..<bytes.count / 3 {
                let at = group * 3
                let value = unsafe Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
                unsafe text.storeBytes(of: table[value >> 12].littleEndian, toByteOffset: group * 4, as: UInt16.self)
                unsafe text.storeBytes(
                    of: table[value & 4095].littleEndian, toByteOffset: group * 4 + 2, as: UInt16.self)
            }
        }
        let rest = bytes.count % 3
        guard rest > 0 else { return }
        let first = unsafe Int(bytes[bytes.count - rest]) << 16
        let value = unsafe rest == 2 ? first | Int(bytes[bytes.count - 1]) << 8 : first
        let at = bytes.count / 3 * 4
        unsafe text[at] = alphabet[value >> 18]
        unsafe text[at + 1] = alphabet[value >> 12 & 63]
        unsafe text[at + 2] = rest == 2 ? alphabet[value >> 6 & 63] : padding
        unsafe text[at + 3] = padding
    }
}
