import DenseEngine

/// Float32 as decimal text: shortest digits, in Python's layout, which is what Keras users see. From 1e-4 up to 1e16
/// without exponent (`0.0001`, `16777216.0`), beyond with one (`1e-5`, `1.5e+16` as `1.5e16`). A number without exponent
/// has a fraction, if only `.0`.
///
/// Numbers are written many at a time, in three passes over a block that stays in the cache: digits as a number, digits
/// as text, and the layout. Each pass is free of branches, as what comes next cannot be foreseen, and short, so that a
/// core works on several numbers at once.
enum FloatText {
    /// The most bytes a number takes, and the room that `write` needs to work in.
    static let maximumCount = 19
    static let workingCount = 32

    /// The numbers of a block.
    static let blockCount = 64

    /// A number's digits as text, without zeros at the end.
    struct Digits {
        /// The digits behind the first, eight at most and zeros behind them, in the order of memory; before they are text,
        /// all nine as a number.
        fileprivate(set) var others: UInt64 = 0
        fileprivate(set) var first: UInt8 = 0
        /// How many there are, the first included.
        fileprivate(set) var count: UInt8 = 0
        /// The decimal exponent of the first digit; `notFinite` for what is no number.
        fileprivate(set) var exponent: Int8 = 0
        fileprivate(set) var sign: UInt8 = 0

        static let notFinite = Int8.max
    }

    /// What is looked up for each number, found once for many.
    @unsafe
    struct Tables {
        fileprivate let scales: UnsafePointer<ShortestDecimal.Scale>
        fileprivate let tens: UnsafePointer<UInt32>
        fileprivate let layouts: UnsafePointer<Layout>
        /// Of a 16-bit type.
        fileprivate var halves: UnsafePointer<HalfDecimal>?
        fileprivate let type: DType
    }

    private static let tens: [UInt32] = [1, 10, 100, 1000]

    /// - Parameter type: what all numbers are values of; not float64.
    static func withTables<R>(_ type: DType = .float32, _ body: (Tables) -> R) -> R? {
        guard let halves = HalfDecimal.table(type) else { return unsafe withTables(type, nil, body) }
        return unsafe halves.withUnsafeBufferPointer { unsafe withTables(type, $0.baseAddress, body) }
    }

    private static func withTables<R>(
        _ type: DType, _ halves: UnsafePointer<HalfDecimal>?, _ body: (Tables) -> R
    ) -> R? {
        unsafe ShortestDecimal.scales.withUnsafeBufferPointer { scales in
            unsafe tens.withUnsafeBufferPointer { tens in
                unsafe Layout.all.withUnsafeBufferPointer { layouts in
                    guard let scales = scales.baseAddress, let tens = tens.baseAddress,
                        let layouts = layouts.baseAddress
                    else { return nil }
                    return unsafe body(
                        Tables(scales: scales, tens: tens, layouts: layouts, halves: halves, type: type))
                }
            }
        }
    }

    /// Writes a finite number and returns where it ends.
    static func write(_ value: Float, to start: UnsafeMutableRawPointer, tables: Tables) -> UnsafeMutableRawPointer {
        var digits = Digits()
        unsafe withUnsafePointer(to: value) { unsafe prepare($0, 1, &digits, tables) }
        return unsafe lay(digits, to: start, tables)
    }

    // MARK: Digits

    /// The digits of up to `blockCount` numbers.
    static func prepare(
        _ values: UnsafePointer<Float>, _ count: Int, _ digits: UnsafeMutablePointer<Digits>, _ tables: Tables
    ) {
        if let halves = unsafe tables.halves {
            unsafe lookUpDigits(values, count, digits, halves, tables.type)
        } else {
            unsafe findDigits(values, count, digits, tables)
        }
        unsafe spellDigits(count, digits)
    }

    private static func lookUpDigits(
        _ values: UnsafePointer<Float>, _ count: Int, _ digits: UnsafeMutablePointer<Digits>,
        _ halves: UnsafePointer<HalfDecimal>, _ type: DType
    ) {
        for index in 0..<count {
            let value = unsafe values[index]
            guard value.isFinite else {
                unsafe digits[index].exponent = Digits.notFinite
                continue
            }
            let decimal = unsafe halves[HalfDecimal.index(of: value, type)]
            unsafe digits[index].others = UInt64(decimal.digits)
            unsafe digits[index].exponent = decimal.exponent
            unsafe digits[index].sign = value.sign == .minus ? 1 : 0
        }
    }

    private static func findDigits(
        _ values: UnsafePointer<Float>, _ count: Int, _ digits: UnsafeMutablePointer<Digits>, _ tables: Tables
    ) {
        var special: UInt32 = 0
        for index in 0..<count {
            let bits = unsafe values[index].bitPattern
            let magnitude = bits & 0x7FFF_FFFF
            // Zero wraps around.
            special |= magnitude &- 1 < 0x7F_FFFF || magnitude >= 0x7F80_0000 ? 1 : 0
        }
        for index in 0..<count {
            let bits = unsafe values[index].bitPattern
            let decimal = unsafe ShortestDecimal(normal: bits & 0x7FFF_FFFF, scales: tables.scales)
            // How many digits are missing from nine: a difference that is negative has its top bit set. (A comparison
            // would be compiled to a branch.)
            let missing =
                (decimal.digits &- 1_000_000) >> 31 &+ (decimal.digits &- 10_000_000) >> 31
                &+ (decimal.digits &- 100_000_000) >> 31
            unsafe digits[index].others = UInt64(decimal.digits &* tables.tens[Int(missing)])
            let exponent = decimal.exponent &+ 8 &- Int32(truncatingIfNeeded: missing)
            unsafe digits[index].exponent = Int8(truncatingIfNeeded: exponent)
            unsafe digits[index].sign = UInt8(truncatingIfNeeded: bits >> 31)
        }
        if special != 0 { unsafe findSpecialDigits(values, count, digits, tables) }
    }

    private static func findSpecialDigits(
        _ values: UnsafePointer<Float>, _ count: Int, _ digits: UnsafeMutablePointer<Digits>, _ tables: Tables
    ) {
        for index in 0..<count {
            let value = unsafe values[index]
            if !value.isFinite {
                unsafe digits[index].exponent = Digits.notFinite
            } else if value.isSubnormal {
                let bits = value.bitPattern & 0x7FFF_FFFF
                let decimal = unsafe ShortestDecimal(subnormal: bits, scales: tables.scales)
                var (nine, exponent) = (decimal.digits, decimal.exponent &+ 8)
                while nine < 100_000_000 { (nine, exponent) = (nine &* 10, exponent &- 1) }
                unsafe digits[index].others = UInt64(nine)
                unsafe digits[index].exponent = Int8(truncatingIfNeeded: exponent)
            }
        }
    }

    /// Nine digits to text: the first on its own, the others in one word, split into halves of four, then pairs, then
    /// digits, each time in all parts at once.
    private static func spellDigits(_ count: Int, _ digits: UnsafeMutablePointer<Digits>) {
        for index in 0..<count {
            let nine = unsafe UInt32(truncatingIfNeeded: digits[index].others)
            let first = nine / 100_000_000
            let eight = nine &- first &* 100_000_000
            let high = UInt64(eight / 10_000)
            let fours = high | (UInt64(eight) &- high &* 10_000) << 32
            // n / 100 for n < 10,000, and n / 10 for n < 100.
            let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
            let pairs = hundreds | (fours &- hundreds &* 100) << 16
            let tens = ((pairs &* 103) >> 10) & 0x000F_000F_000F_000F
            let ones = tens | (pairs &- tens &* 10) << 8
            let zeros = UInt8(truncatingIfNeeded: ones.byteSwapped.trailingZeroBitCount) / 8
            unsafe digits[index].others = ones | 0x3030_3030_3030_3030
            unsafe digits[index].first = UInt8(truncatingIfNeeded: first) &+ UInt8(ascii: "0")
            unsafe digits[index].count = 9 &- zeros
        }
    }

    // MARK: Layout

    /// Where the parts of a number go that has no exponent and not more than eight digits before the point.
    fileprivate struct Layout {
        /// The first digit, the point, and the digits behind the point.
        let leading, point, fraction: UInt8
        /// The bits of the digits before the point, without the first.
        let wholeBits: UInt8
        /// The length is `behindDigits` more than there are digits, and `least` at least.
        let behindDigits, least: UInt8

        static let exponents = -4...7

        static let all = exponents.map { exponent in
            let leading = exponent < 0 ? 1 - exponent : 0
            let whole = max(exponent, 0)
            return Layout(
                leading: UInt8(leading), point: UInt8(1 + whole), fraction: UInt8(2 + abs(exponent)),
                wholeBits: UInt8(8 * whole), behindDigits: UInt8(exponent < 0 ? leading : 1), least: UInt8(whole + 3))
        }
    }

    /// Writes a finite number and returns where it ends.
    @inline(__always)
    static func lay(
        _ digits: Digits, to start: UnsafeMutableRawPointer, _ tables: Tables
    ) -> UnsafeMutableRawPointer {
        unsafe start.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        let out = unsafe start + Int(digits.sign)
        let index = Int(digits.exponent) &- Layout.exponents.lowerBound
        guard index >= 0 && index < Layout.exponents.count else { return unsafe layLong(digits, to: out) }
        // Nearly all numbers. Every byte is stored where it may belong, later stores over earlier ones: zeros, the
        // digits, the fraction, the point.
        let layout = unsafe tables.layouts[index]
        let others = digits.others
        unsafe out.storeBytes(of: (0x3030_3030_3030_2E30 as UInt64).littleEndian, as: UInt64.self)
        unsafe out.storeBytes(of: digits.first, toByteOffset: Int(layout.leading), as: UInt8.self)
        unsafe out.storeBytes(of: others.littleEndian, toByteOffset: Int(layout.leading) &+ 1, as: UInt64.self)
        let fraction = others &>> UInt64(layout.wholeBits)
        unsafe out.storeBytes(of: fraction.littleEndian, toByteOffset: Int(layout.fraction), as: UInt64.self)
        unsafe out.storeBytes(of: UInt8(ascii: "."), toByteOffset: Int(layout.point), as: UInt8.self)
        return unsafe out + Int(max(layout.behindDigits &+ digits.count, layout.least))
    }

    /// A number with more digits before the point, or with an exponent.
    private static func layLong(_ digits: Digits, to out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let exponent = Int(digits.exponent)
        if exponent > 0 && exponent <= 15 {
            unsafe out.storeBytes(of: digits.first, as: UInt8.self)
            unsafe (out + 1).storeBytes(of: digits.others.littleEndian, as: UInt64.self)
            unsafe (out + 9).storeBytes(of: 0x3030_3030_3030_3030, as: UInt64.self)
            unsafe (out + exponent + 1).storeBytes(of: UInt16(0x302E).littleEndian, as: UInt16.self)
            return unsafe out + exponent + 3
        }
        unsafe out.storeBytes(of: digits.first, as: UInt8.self)
        unsafe (out + 1).storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
        unsafe (out + 2).storeBytes(of: digits.others.littleEndian, as: UInt64.self)
        var end = unsafe out + (digits.count == 1 ? 1 : Int(digits.count) + 1)
        unsafe append(UInt8(ascii: "e"), &end)
        if exponent < 0 { unsafe append(UInt8(ascii: "-"), &end) }
        let magnitude = UInt8(truncatingIfNeeded: abs(exponent))
        if magnitude >= 10 { unsafe append(UInt8(ascii: "0") + magnitude / 10, &end) }
        unsafe append(UInt8(ascii: "0") + magnitude % 10, &end)
        return unsafe end
    }

    private static func append(_ byte: UInt8, _ out: inout UnsafeMutableRawPointer) {
        unsafe out.storeBytes(of: byte, as: UInt8.self)
        unsafe out += 1
    }
}
