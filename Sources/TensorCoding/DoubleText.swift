import DenseEngine

/// Float64 as decimal text: the shortest digits that read back to the same number, in the layout of `FloatText`.
enum DoubleText {
    /// The most bytes a number takes.
    static let maximumCount = 26

    /// A finite number.
    static func text(_ value: Double) -> String {
        let sign = value.sign == .minus ? "-" : ""
        let (digits, exponent) = digits(value.magnitude)
        guard (-4...15).contains(exponent) else {
            let fraction = digits.dropFirst()
            return "\(sign)\(digits.prefix(1))\(fraction.isEmpty ? "" : "." + fraction)e\(exponent)"
        }
        if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
        let whole = exponent + 1
        let padded = digits + String(repeating: "0", count: max(whole + 1 - digits.count, 0))
        return "\(sign)\(padded.prefix(whole)).\(padded.dropFirst(whole))"
    }

    /// The digits without zeros around them, and the exponent of the first.
    private static func digits(_ value: Double) -> (digits: String, exponent: Int) {
        // The standard library's are the shortest, and of these the nearest.
        let parts = value.description.split(separator: "e", maxSplits: 1)
        let number = parts[0].split(separator: ".", maxSplits: 1)
        let whole = number[0]
        let all = whole + (number.count > 1 ? number[1] : "")
        let zeros = all.prefix { $0 == "0" }.count
        guard zeros < all.count else { return ("0", 0) }
        var digits = all.dropFirst(zeros)
        while digits.last == "0" { digits.removeLast() }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (String(digits), exponent + whole.count - 1 - zeros)
    }
}

extension JSONWriter {
    /// Nested arrays of float64; few need them, so they are written one by one.
    mutating func writeNested(
        _ values: [Double], _ dimensions: [Int], _ policy: NonFinitePolicy
    ) throws(CodingError) {
        var index = 0
        try writeArrays(values, dimensions[...], &index, dimensions, policy)
    }

    private mutating func writeArrays(
        _ values: [Double], _ rest: ArraySlice<Int>, _ index: inout Int, _ dimensions: [Int], _ policy: NonFinitePolicy
    ) throws(CodingError) {
        guard let count = rest.first else {
            let value = values[index]
            guard let text = value.isFinite ? DoubleText.text(value) : policy.text(of: Float(value))?.description else {
                throw Self.nonFinite(Float(value), at: index, dimensions)
            }
            append(text)
            index += 1
            return
        }
        beginArray()
        for _ in 0..<count { try writeArrays(values, rest.dropFirst(), &index, dimensions, policy) }
        endArray()
    }
}
