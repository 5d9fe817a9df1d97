/// Float32 as decimal text: shortest digits, in Python's layout, which is what Keras users see. From 1e-4 up to 1e16
/// without exponent (`0.0001`, `16777216.0`), beyond with one (`1e-5`, `1.5e+16` as `1.5e16`). A number without exponent
/// has a fraction, if only `.0`.
enum FloatText {
    /// The most bytes a number takes, and the room that `write` needs to work in.
    static let maximumCount = 19
    static let workingCount = 32

    /// What is looked up for each number, found once for many.
    @unsafe
    struct Tables {
        let powers: UnsafePointer<UInt64>
        let tens: UnsafePointer<UInt32>
    }

    private static let tens: [UInt32] = (0...9).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    static func withTables(_ body: (Tables) -> Void) {
        unsafe ShortestDecimal.powers.withUnsafeBufferPointer { powers in
            unsafe tens.withUnsafeBufferPointer { tens in
                guard let powers = powers.baseAddress, let tens = tens.baseAddress else { return }
                unsafe body(Tables(powers: powers, tens: tens))
            }
        }
    }

    /// Writes a finite number and returns where it ends.
    @inline(__always)
    static func write(
        _ value: Float, to start: UnsafeMutableRawPointer, tables: Tables
    ) -> UnsafeMutableRawPointer {
        let bits = value.bitPattern
        unsafe start.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        let out = unsafe start + Int(bits >> 31)
        let magnitude = bits & 0x7FFF_FFFF
        guard magnitude != 0 else {
            unsafe store("0.0", to: out)
            return unsafe out + 3
        }
        let decimal = unsafe ShortestDecimal(bits: magnitude, powers: tables.powers)

        // Nine digits, the last of them zeros: the first on its own, the others in one word.
        let length = unsafe digitCount(decimal.digits, tables.tens)
        let nine = unsafe decimal.digits &* tables.tens[9 &- length]
        let first = nine / 100_000_000
        let others = eightDigits(nine &- first &* 100_000_000)
        // The decimal exponent of the first digit, and how many digits there are without zeros at the end.
        let exponent = decimal.exponent &+ length &- 1
        let count = 9 &- others.leadingZeroBitCount / 8
        let characters = others | 0x3030_3030_3030_3030

        if exponent >= -4 && exponent <= 7 {
            // Nearly all numbers, and without a branch, since what comes next cannot be foreseen. Every byte is stored
            // where it may belong, later stores over earlier ones: zeros, the digits, the fraction, the point.
            let leading = unsafe out + (exponent < 0 ? 1 &- exponent : 0)
            let whole = max(exponent, 0)
            unsafe out.storeBytes(of: UInt64(littleEndian: 0x3030_3030_3030_2E30), as: UInt64.self)
            unsafe storeDigits(first, characters, to: leading)
            unsafe (out + 2 + abs(exponent)).storeBytes(
                of: (characters &>> UInt64(8 &* whole)).littleEndian, as: UInt64.self)
            unsafe (out + 1 + whole).storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
            return unsafe max(leading + count + (exponent < 0 ? 0 : 1), out + whole + 3)
        }
        if exponent > 7 && exponent <= 15 {
            unsafe storeDigits(first, characters, to: out)
            unsafe (out + 9).storeBytes(of: 0x3030_3030_3030_3030, as: UInt64.self)
            unsafe store(".0", to: out + exponent + 1)
            return unsafe out + exponent + 3
        }
        unsafe storeDigits(first, characters, to: out + 1)
        unsafe out.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: first), as: UInt8.self)
        unsafe (out + 1).storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
        return unsafe writeExponent(exponent, to: out + (count == 1 ? 1 : count &+ 1))
    }

    @inline(__always)
    private static func storeDigits(_ first: UInt32, _ others: UInt64, to out: UnsafeMutableRawPointer) {
        unsafe out.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: first), as: UInt8.self)
        unsafe (out + 1).storeBytes(of: others.littleEndian, as: UInt64.self)
    }

    private static func writeExponent(_ exponent: Int, to start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var out = unsafe start
        unsafe append(UInt8(ascii: "e"), &out)
        if exponent < 0 { unsafe append(UInt8(ascii: "-"), &out) }
        let magnitude = abs(exponent)
        if magnitude >= 10 { unsafe append(UInt8(ascii: "0") + UInt8(magnitude / 10), &out) }
        unsafe append(UInt8(ascii: "0") + UInt8(magnitude % 10), &out)
        return unsafe out
    }

    private static func append(_ byte: UInt8, _ out: inout UnsafeMutableRawPointer) {
        unsafe out.storeBytes(of: byte, as: UInt8.self)
        unsafe out += 1
    }

    private static func store(_ text: StaticString, to out: UnsafeMutableRawPointer) {
        unsafe out.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    }

    // MARK: Digits

    /// How many decimal digits a number from 1 to 999,999,999 has.
    @inline(__always)
    private static func digitCount(_ value: UInt32, _ tens: UnsafePointer<UInt32>) -> Int {
        // 1233 / 4096 is log10(2), near enough: the count, or one too few.
        let bound = ((32 &- value.leadingZeroBitCount) &* 1233) >> 12
        return unsafe bound &+ (value >= tens[bound] ? 1 : 0)
    }

    /// The eight digits of a number below 10^8 as values, the first in the lowest byte: split into halves of four, then
    /// pairs, then digits, each time in all parts at once.
    @inline(__always)
    private static func eightDigits(_ value: UInt32) -> UInt64 {
        let high = UInt64(value / 10_000)
        let fours = high | (UInt64(value) &- high &* 10_000) << 32
        // n / 100 for n < 10,000, and n / 10 for n < 100.
        let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
        let pairs = hundreds | (fours &- hundreds &* 100) << 16
        let tens = ((pairs &* 103) >> 10) & 0x000F_000F_000F_000F
        return tens | (pairs &- tens &* 10) << 8
    }
}
