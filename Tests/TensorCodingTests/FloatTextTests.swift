import DenseEngine
import TensorCoding
import Testing
import dense_fuzz

@Suite("Floats as text")
struct FloatTextTests {
    private func written(_ value: Float) throws -> String {
        try text { (writer) throws(CodingError) in writer.write(value) }
    }

    @Test(
        "numbers are laid out as Python lays them out, exponents without padding",
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1, "-1.0"), (10, "10.0"), (0.1, "0.1"), (-0.5, "-0.5"),
            (123_456_792, "123456790.0"), (16_777_216, "16777216.0"), (16_777_218, "16777218.0"),
            (99_999_992, "99999990.0"),
            (0.0001, "0.0001"), (0.00012345678, "0.00012345678"), (0.00001, "1e-5"), (0.000012345, "1.2345e-5"),
            (1e15, "1000000000000000.0"), (9.999999e15, "9999999000000000.0"), (1e16, "1e16"), (1.5e16, "1.5e16"),
            (1.2345678e10, "12345678000.0"), (3.4028235e38, "3.4028235e38"), (-3.4028235e38, "-3.4028235e38"),
            (.leastNonzeroMagnitude, "1e-45"), (1.1754944e-38, "1.1754944e-38"), (0.33333334, "0.33333334"),
            (3.1415927, "3.1415927"),
            (8_388_608, "8388608.0"), (8.5899346e9, "8589935000.0"), (33_554_432, "33554432.0"), (1e8, "100000000.0"),
            (9.5367432e-7, "9.536743e-7"), (1234567.9, "1234567.9"), (12_345_678, "12345678.0"), (0.3, "0.3"),
        ] as [(Float, String)])
    func layout(value: Float, expected: String) throws {
        #expect(try written(value) == expected)
    }

    @Test("the digits are those of Swift's description, and read back to the same bits")
    func sample() throws {
        // Every exponent with its ends, powers of two among them, and a stride that shares no factor with 2^31.
        var bits: [UInt32] = []
        for exponent in UInt32(0)..<255 {
            for fraction in [0, 1, 2, 3, 0x40_0000, 0x7F_FFFE, 0x7F_FFFF] as [UInt32] {
                bits.append(exponent << 23 | fraction)
            }
        }
        bits += stride(from: UInt32(1), to: 0x7F80_0000, by: 21_401)
        let values = bits.map(Float.init(bitPattern:))
        var writer = JSONWriter()
        try writer.write(values, nonFinite: .error)
        let document = String(decoding: writer.bytes, as: UTF8.self)
        #expect(try tensor(document).elements == values)
        let texts = document.dropFirst().dropLast().split(separator: ",")
        var wrong: [String] = []
        for (value, text) in zip(values, texts) where digits(text) != digits(value.description) || Float(text) != value
        {
            wrong.append("\(value): \(text)")
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    /// A number's significant digits.
    private func digits(_ text: some StringProtocol) -> [UInt8] {
        let all = text.utf8.prefix { $0 != UInt8(ascii: "e") }.filter { (0x30...0x39).contains($0) }
        let zeros = all.prefix { $0 == 0x30 }.count
        return Array(all.dropFirst(zeros).reversed().drop { $0 == 0x30 }.reversed())
    }
}
