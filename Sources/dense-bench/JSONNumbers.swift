internal import Glibc

/// A way of writing numbers that clients have.
package enum NumberStyle: String, CaseIterable, Sendable {
    /// `%.7g` of normal values: `-0.1234567`.
    case sevenDigits = "7-digits"
    /// The same values as a float64 is printed, which is what Python makes of them: `-0.12345670163631439`.
    case float64 = "17-digits"
    /// Whole numbers of up to seven digits.
    case integers
    /// Whole numbers from 0 to 99.
    case smallIntegers = "small-integers"
    /// `%.7e` over the whole range of float32: `1.2345678e-20`.
    case exponents
    /// Half of them zero: `0.0`.
    case halfZeros = "half-zeros"

    /// Values of the style.
    func values(_ count: Int) -> [Float] {
        var state: UInt64 = 20_240_601
        /// From 0 up to 1.
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53
        }
        func normal() -> Double { (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform()) }
        return (0..<count).map { _ in
            switch self {
            case .sevenDigits, .float64: Float(normal())
            case .integers: Float((normal() * 1e6).rounded())
            case .smallIntegers: Float((uniform() * 99).rounded())
            case .exponents: Float(normal() * pow(10, uniform() * 60 - 30))
            case .halfZeros: max(0, Float(normal()))
            }
        }
    }

    /// A value as the style has it.
    func text(_ value: Float) -> String {
        switch self {
        case .sevenDigits: Self.format("%.7g", value)
        case .float64: Double(value).description
        case .integers, .smallIntegers: String(Int(value))
        case .exponents: Self.format("%.7e", value)
        case .halfZeros: value == 0 ? "0.0" : Self.format("%.7g", value)
        }
    }

    private static func format(_ format: String, _ value: Float) -> String {
        unsafe withVaList([Double(value)]) { arguments in
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
                guard let start = buffer.baseAddress else { return "" }
                let count = unsafe vsnprintf(start, buffer.count, format, arguments)
                return unsafe String(
                    decoding: UnsafeRawBufferPointer(start: start, count: min(Int(count), buffer.count - 1)),
                    as: UTF8.self)
            }
        }
    }
}

/// The numbers of a style, as values and as a document: nested arrays of rank 2.
struct JSONNumbers {
    let values: [Float]
    let text: [UInt8]

    static let columns = 256

    init(_ style: NumberStyle, count: Int) {
        let rows = (count + Self.columns - 1) / Self.columns
        values = style.values(rows * Self.columns)
        let numbers = values.map(style.text)
        let texts = (0..<rows).map { row in
            "[" + numbers[row * Self.columns..<(row + 1) * Self.columns].joined(separator: ",") + "]"
        }
        text = Array(("[" + texts.joined(separator: ",") + "]").utf8)
    }
}
