import DenseEngine
import TensorCoding
import Testing

@Suite("Text of other types than float32")
struct HalfDecimalTests {
    private static func text(_ tensor: Tensor, _ form: TensorForm = .nested) throws -> String {
        var writer = JSONWriter()
        try writer.write(tensor, form: form, nonFinite: .token)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// All values of a type that are not negative numbers, ascending.
    private static func values(_ type: DType) -> [Float] {
        (UInt16(0)..<(type == .float16 ? 0x7C00 : 0x7F80)).map { bits in
            type == .float16 ? Float(Float16(bitPattern: bits)) : Float(bitPattern: UInt32(bits) << 16)
        }
    }

    private static func texts(_ type: DType) throws -> [Substring] {
        let values = values(type)
        let tensor = try Tensor(shape: Shape([values.count]), elements: values, type: type)
        return try text(tensor).dropFirst().dropLast().split(separator: ",")
    }

    @Test(
        "every number of 16 bits reads back, and no decimal of a digit less does",
        arguments: [DType.float16, .bfloat16])
    func shortest(type: DType) throws {
        for (value, text) in zip(Self.values(type), try Self.texts(type)) {
            let decimal = try #require(Double(String(text)))
            #expect(type.rounded(decimal) == value, "\(text)")
            let count = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }.reversed().drop { $0 == "0" }
                .count
            guard count > 1, value > 0 else { continue }
            // The two decimals around the value that are a digit shorter.
            let exponent = Self.exponent(Double(value))
            let unit = Self.power(exponent - count + 2)
            for candidate in [(Double(value) / unit).rounded(.down), (Double(value) / unit).rounded(.up)] {
                let shorter = Double("\(Int(candidate))e\(exponent - count + 2)") ?? .nan
                #expect(type.rounded(shorter) != value, "\(text), \(shorter)")
            }
        }
    }

    private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .nan }

    private static func exponent(_ value: Double) -> Int {
        (-50...40).last { power($0) <= value } ?? 0
    }

    @Test("numbers of 16 bits are laid out as those of float32 are")
    func layout() throws {
        let half = try Tensor(
            shape: Shape([9]), elements: [0, -0.0, 1, -2.5, 65504, 0x1p-24, Float(Float16(0.1)), .infinity, .nan],
            type: .float16)
        #expect(try Self.text(half) == "[0.0,-0.0,1.0,-2.5,65500.0,6e-8,0.1,Infinity,NaN]")
        let brain = try Tensor(
            shape: Shape([4]), elements: [0x1.FEp127, 0x1p-133, 0x1.9Ap-4, 257].map(DType.bfloat16.rounded(_:)),
            type: .bfloat16)
        #expect(try Self.text(brain) == "[3.39e38,9e-41,0.1,256.0]")
    }

    @Test("numbers of 64 bits are the shortest that read back, in the same layout")
    func doubles() throws {
        let tensor = try Tensor(
            shape: Shape([2, 5]),
            doubles: [
                0, -0.0, 0.1, 1.0 / 3, 1e-5, 1e15, 1e16, 123_456_789.5, .leastNonzeroMagnitude,
                -.greatestFiniteMagnitude,
            ])
        #expect(
            try Self.text(tensor)
                == "[[0.0,-0.0,0.1,0.3333333333333333,1e-5],[1000000000000000.0,1e16,123456789.5,5e-324,"
                + "-1.7976931348623157e308]]")
    }

    @Test("a tensor of any type comes back from base64 and from a NumPy file", arguments: DType.allCases)
    func roundTrip(type: DType) throws {
        let tensor = try Tensor(shape: Shape([2, 2]), doubles: [1.0 / 3, -1e-4, 70, 3e4]).cast(to: type)
        let text = try Self.text(tensor, .base64)
        #expect(text.contains(#""dtype":"\#(type.rawValue)""#))
        let json = Array(text.utf8)
        let read = try unsafe json.withUnsafeBytes { bytes in
            var reader = try unsafe JSONReader(bytes: bytes, readsDoubles: true)
            return try reader.readTensor()
        }
        #expect(read.cast(to: type) == tensor)
        let file = NumPyFile.encode(tensor)
        let again = try unsafe file.withUnsafeBytes { try unsafe NumPyFile.decode($0, asDoubles: nil) }
        #expect(again == tensor)
        let octets = RawTensor.encode(tensor)
        #expect(octets.count == 4 * type.size)
        let raw = try unsafe octets.withUnsafeBytes {
            try unsafe RawTensor.decode($0, shape: tensor.shape, dtype: type, asDoubles: true)
        }
        #expect(raw.cast(to: type) == tensor)
    }

    @Test("numbers are read as float64, nested and flat, with the same objections")
    func reading() throws {
        func read(_ text: String) throws -> Tensor {
            let json = Array(text.utf8)
            return try unsafe json.withUnsafeBytes { bytes in
                var reader = try unsafe JSONReader(bytes: bytes, readsDoubles: true)
                let tensor = try reader.readTensor()
                try reader.finish()
                return tensor
            }
        }
        #expect(try read("[[0.1, 1e300], [2, 3]]").doubles == [0.1, 1e300, 2, 3])
        #expect(try read("[[0.1, 1e300], [2, 3]]").shape.dimensions == [2, 2])
        #expect(try read("[[], []]").shape.dimensions == [2, 0])
        #expect(try read("7").shape.dimensions == [])
        #expect(try read(#"{"shape": [1, 2], "data": [0.1, 0.2]}"#).doubles == [0.1, 0.2])
        for wrong in ["[[1, 2], [3]]", "[1, [2]]", "[1, \"2\"]", "[1e400]", "[1,]", "[NaN]"] {
            #expect(throws: CodingError.self, "\(wrong)") { try read(wrong) }
        }
    }
}
