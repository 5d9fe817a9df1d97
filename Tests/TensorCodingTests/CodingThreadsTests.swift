import DenseEngine
import TensorCoding
import Testing
import dense_fuzz

@Suite("Numbers on several threads")
struct CodingThreadsTests {
    /// Cuts every tensor of two elements and more.
    private static let parts = CodingThreads(count: 3, minimum: 2)

    @Test("what is read, and every error with its place, is what one thread finds")
    func reading() throws {
        var random = FuzzRandom(seed: 20_261_122)
        var outcomes: [String: Int] = [:]
        for round in 0..<4_000 {
            var text = Self.document(&random)
            // Two of three are broken, most of them in one place.
            for _ in 0..<round % 3 { Self.damage(&text, &random) }
            let padding = [0, 1, 64][round % 3]
            let one = Self.result(text, padding, .one)
            let several = Self.result(text, padding, Self.parts)
            #expect(several == one, "\(String(decoding: text, as: UTF8.self))")
            switch one {
            case .success: outcomes["ok", default: 0] += 1
            case .failure(let error): outcomes[error.code, default: 0] += 1
            }
        }
        // The comparison is worth something only when there is something to compare.
        for outcome in ["ok", "invalid_json", "ragged_tensor", "mixed_nesting", "number_out_of_range", "wrong_type"] {
            #expect(outcomes[outcome, default: 0] > 10, "\(outcomes)")
        }
    }

    @Test("what is written is what one thread writes", arguments: TensorForm.allCases)
    func writing(form: TensorForm) throws {
        var random = FuzzRandom(seed: 20_261_123)
        for _ in 0..<300 {
            let dimensions = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                Int.random(in: 0...7, using: &random)
            }
            let count = dimensions.reduce(1, *)
            let elements = (0..<count).map { _ in Self.value(&random) }
            let tensor = try Tensor(dimensions, elements)
            for policy in NonFinitePolicy.allCases {
                var results: [Result<[UInt8], CodingError>] = []
                for threads in [CodingThreads.one, Self.parts, CodingThreads(count: 64, minimum: 2)] {
                    var writer = JSONWriter(threads: threads)
                    do throws(CodingError) {
                        try writer.write(tensor, form: form, nonFinite: policy)
                        results.append(.success(writer.bytes))
                    } catch {
                        // Values that are NaN are not equal to themselves; where they stand is.
                        guard case .nonFiniteElement(_, let index, let pointer) = error else { throw error }
                        results.append(.failure(.nonFiniteElement(0, index: index, pointer: pointer)))
                    }
                }
                #expect(results[1] == results[0])
                #expect(results[2] == results[0])
            }
        }
    }

    @Test("a large tensor comes back as it was from all cores", arguments: [TensorForm.nested, .flat])
    func large(form: TensorForm) throws {
        var random = FuzzRandom(seed: 3)
        let elements = (0..<300_000).map { _ in Float(bitPattern: .random(in: 0..<0x7F80_0000, using: &random)) }
        let tensor = try Tensor([3, 250, 400], elements)
        let capacity = JSONWriter.capacity(for: tensor.shape, form: form)
        var writer = JSONWriter(capacity: capacity, threads: CodingThreads(count: 4))
        try writer.write(tensor, form: form, nonFinite: .error)
        #expect(writer.bytes.count <= capacity)
        let read = try Self.result(writer.bytes, 64, CodingThreads(count: 4)).get()
        #expect(read == .init(tensor))
    }

    // MARK: Documents

    private struct Bits: Equatable {
        let shape: Shape
        let bits: [UInt32]

        init(_ tensor: Tensor) { (shape, bits) = (tensor.shape, tensor.elements.map(\.bitPattern)) }
    }

    private static func result(
        _ text: [UInt8], _ padding: Int, _ threads: CodingThreads
    ) -> Result<Bits, CodingError> {
        do throws(CodingError) {
            let tensor = try TensorCodingTests.reading(text, padding: padding, threads: threads) {
                (reader) throws(CodingError) in try reader.readTensor()
            }
            return .success(Bits(tensor))
        } catch { return .failure(error) }
    }

    private static func value(_ random: inout FuzzRandom) -> Float {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: 0
        case 1: Float(Int.random(in: -1_000_000...1_000_000, using: &random))
        case 2: Float(bitPattern: .random(in: 0 ... .max, using: &random))
        default: .random(in: -2...2, using: &random)
        }
    }

    /// Nested arrays, or the flat form, with white space in some, numbers of every style, and often far enough from the
    /// document's beginning for vectors.
    private static func document(_ random: inout FuzzRandom) -> [UInt8] {
        let space = ["", "", " ", "\n "].randomElement(using: &random) ?? ""
        func number() -> String {
            let value = Double(Self.value(&random))
            guard value.isFinite else { return "3.4e38" }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return value.description
            case 1: return String(Int(max(-1e18, min(1e18, value))))
            case 2: return "\(Int.random(in: -9...9, using: &random))e\(Int.random(in: -50...37, using: &random))"
            case 3: return "\(Float(value))"
            case 4:
                return
                    "\(UInt64.random(in: 0 ... .max, using: &random)).\(UInt32.random(in: 0 ... .max, using: &random))"
            default: return "\(Float(value) / 3)"
            }
        }
        func array(_ dimensions: ArraySlice<Int>) -> String {
            guard let first = dimensions.first else { return number() }
            return "[" + space + (0..<first).map { _ in array(dimensions.dropFirst()) }.joined(separator: "," + space)
                + "]"
        }
        let dimensions = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 1...9, using: &random) }
        let indent = String(repeating: " ", count: Int.random(in: 0...1, using: &random) * 80)
        if Int.random(in: 0..<6, using: &random) == 0 {
            let count = dimensions.reduce(1, *)
            return Array((indent + #"{"shape":\#(dimensions),"data":"# + array([count]) + "}").utf8)
        }
        return Array((indent + array(dimensions[...])).utf8)
    }

    private static let pieces = [
        "[", "]", ",", "[]", "],[", "null", "x", "\"", "-", "e", ".", "0", "1e99", "NaN", "{}", " ", "",
    ]

    private static func damage(_ text: inout [UInt8], _ random: inout FuzzRandom) {
        let at = Int.random(in: 0..<max(text.count, 1), using: &random)
        let end = min(text.count, at + Int.random(in: 0...2, using: &random))
        text.replaceSubrange(at..<end, with: Array((pieces.randomElement(using: &random) ?? "").utf8))
    }
}
