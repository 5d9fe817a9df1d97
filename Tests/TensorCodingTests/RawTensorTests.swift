import DenseEngine
import TensorCoding
import Testing

@Suite("Raw octets")
struct RawTensorTests {
    private func decode(_ bytes: [UInt8], _ dimensions: [Int], _ dtype: DType) throws -> Tensor {
        let shape = try Shape(dimensions)
        let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Tensor, CodingError> in
            do throws(CodingError) {
                return .success(unsafe try RawTensor.decode(buffer, shape: shape, dtype: dtype))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @Test("every float16 becomes its float32, and comes back")
    func float16() throws {
        let bytes = (0..<65_536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let tensor = try decode(bytes, [65_536], .float16)
        var wrong = 0
        for bits in 0..<65_536 {
            let exponent = (bits >> 10) & 31
            let fraction = Float(bits & 1023)
            let magnitude: Float =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
                }
            let expected = bits >= 0x8000 ? -magnitude : magnitude
            let read = tensor.elements[bits]
            if !(read.bitPattern == expected.bitPattern || (read.isNaN && expected.isNaN)) { wrong += 1 }
        }
        #expect(wrong == 0)
        let back = RawTensor.encode(tensor, dtype: .float16)
        for bits in 0..<65_536 where !tensor.elements[bits].isNaN {
            if back[2 * bits] != bytes[2 * bits] || back[2 * bits + 1] != bytes[2 * bits + 1] { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test(
        "float32 rounds to float16 and bfloat16 to nearest, ties to even",
        arguments: [
            (1, 0x3C00, 0x3F80), (-2, 0xC000, 0xC000), (0x1.002p0, 0x3C00, 0x3F80), (0x1.002002p0, 0x3C01, 0x3F80),
            (0x1.006p0, 0x3C02, 0x3F80), (0x1.01p0, 0x3C04, 0x3F80), (0x1.010002p0, 0x3C04, 0x3F81),
            (0x1.03p0, 0x3C0C, 0x3F82), (65_504, 0x7BFF, 0x4780), (65_519.996, 0x7BFF, 0x4780),
            (65_520, 0x7C00, 0x4780),
            (1e38, 0x7C00, 0x7E96), (.greatestFiniteMagnitude, 0x7C00, 0x7F80), (-.infinity, 0xFC00, 0xFF80),
            (0x1p-24, 0x0001, 0x3380), (0x1p-25, 0x0000, 0x3300), (0x1.000002p-25, 0x0001, 0x3300),
            (0x1.8p-24, 0x0002, 0x33C0), (0x1.ffcp-15, 0x0400, 0x3880), (-0.0, 0x8000, 0x8000),
            (.leastNonzeroMagnitude, 0x0000, 0x0000),
        ] as [(Float, Int, Int)])
    func rounding(value: Float, half: Int, brain: Int) throws {
        let tensor = try Tensor([1], [value])
        #expect(RawTensor.encode(tensor, dtype: .float16) == [UInt8(half & 255), UInt8(half >> 8)])
        #expect(RawTensor.encode(tensor, dtype: .bfloat16) == [UInt8(brain & 255), UInt8(brain >> 8)])
    }

    @Test("NaN stays NaN", arguments: DType.allCases)
    func nan(dtype: DType) throws {
        let tensor = try Tensor([2], [.nan, Float(bitPattern: 0xFF80_0001)])
        let elements = try decode(RawTensor.encode(tensor, dtype: dtype), [2], dtype).elements
        #expect(elements.allSatisfy { $0.isNaN })
        #expect(elements[1].sign == .minus)
    }

    @Test("float64 rounds once, and beyond float32's range is an infinity")
    func float64() throws {
        let values = [1, -0.1, 0x1.000001p0, 0x1.0000010000001p0, 1e39, -1e300, 1e-46, .infinity]
        let bytes = values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        let elements = try decode(bytes, [8], .float64).elements
        #expect(elements == [1, -0.1, 1, 0x1.000002p0, .infinity, -.infinity, 0, .infinity])
    }

    @Test("tensors come back as they were", arguments: [DType.float32, .float64])
    func roundTrip(dtype: DType) throws {
        let tensor = try Tensor([2, 3], [1, -0.0, 0.1, .infinity, .leastNonzeroMagnitude, 3e38])
        let again = try decode(RawTensor.encode(tensor, dtype: dtype), [2, 3], dtype)
        #expect(again.shape == tensor.shape)
        #expect(again.elements.map(\.bitPattern) == tensor.elements.map(\.bitPattern))
    }

    @Test("a size that does not fit the shape is refused")
    func sizes() throws {
        for (count, dimensions) in [(7, [2]), (9, [2]), (0, [1]), (8, [0]), (8, [4_611_686_018_427_387_904])] {
            let error = #expect(throws: CodingError.self) {
                try decode([UInt8](repeating: 0, count: count), dimensions, .float32)
            }
            #expect(error?.code == "byte_count_mismatch")
        }
        let error = #expect(throws: CodingError.self) { try decode([], [1_000_000_000, 0], .float32) }
        #expect(error?.code == "invalid_shape")
    }
}
