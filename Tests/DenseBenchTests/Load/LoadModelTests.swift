import DenseEngine
import TensorCoding
import Testing
import dense_bench

@Suite("The shapes of a load")
struct LoadModelTests {
    @Test("requests have their sizes and are the same every time", arguments: [LoadShape.a, .b, .d])
    func bodies(_ shape: LoadShape) throws {
        let model = try LoadModel(shape)
        let again = try LoadModel(shape)
        for format in TensorFormat.allCases { #expect(model.body(as: format) == again.body(as: format)) }
        #expect(try model.registration == again.registration)
        #expect(model.output == again.output)
        let perNumber = Double(model.body(as: .json).count) / Double(model.input.shape.count)
        // Seven digits, a point, often a sign, a comma.
        #expect(shape == .a || (9.5...11).contains(perNumber), "\(perNumber) bytes a number")
        #expect(model.input.shape.dimensions == shape.input)
        #expect(model.output.shape.dimensions == shape.input.dropLast() + [shape.units.last ?? 0])
    }

    @Test("the model that is registered, run on the text that is sent, gives the answer that is expected")
    func consistent() throws {
        let model = try LoadModel(.b)
        guard case .object(let registration) = try ConfigValue(json: model.registration),
            case .array(let layers) = registration["layers"], case .object(let layer) = layers.first,
            case .object(let weights) = layer["weights"]
        else {
            Issue.record("no layers")
            return
        }
        let kernel = try tensor(try #require(weights["kernel"]))
        let bias = try tensor(try #require(weights["bias"]))
        let dense = try Dense(DenseConfiguration(units: 32, activation: .relu), kernel: kernel, bias: bias)
        #expect(try dense(tensor(ConfigValue(json: model.inputText))) == model.output)
        #expect(model.output.elements.contains { $0 > 0 } && model.output.elements.contains(0))
    }

    private func tensor(_ value: ConfigValue) throws -> Tensor {
        var dimensions: [Int] = []
        var elements: [Float] = []
        func walk(_ value: ConfigValue, _ depth: Int) {
            switch value {
            case .array(let values):
                if depth == dimensions.count { dimensions.append(values.count) }
                for value in values { walk(value, depth + 1) }
            case .double(let number): elements.append(Float(number))
            case .int(let number): elements.append(Float(number))
            default: Issue.record("no number: \(value)")
            }
        }
        walk(value, 0)
        return try Tensor(dimensions, elements)
    }
}

@Suite("Comparing answers")
struct AnswerCheckTests {
    @Test("right answers pass in every format, and one bit that differs is found", arguments: TensorFormat.allCases)
    func exact(_ format: TensorFormat) throws {
        let expected = try Tensor([2, 2], [1, 0.1, -2.5, 3e-8])
        var elements = expected.elements
        elements[1] = elements[1].nextUp
        let check = AnswerCheck(expected: expected, format: format, strictness: .exact)
        let close = AnswerCheck(expected: expected, format: format, strictness: .close)
        #expect(check.fault(of: try body(expected, format)) == nil)
        let wrong = try body(try Tensor([2, 2], elements), format)
        #expect(check.fault(of: wrong) == .element(index: 1, expected: 0.1, received: elements[1]))
        #expect(close.fault(of: wrong) == nil)
        elements[1] = 0.1001
        #expect(close.fault(of: try body(try Tensor([2, 2], elements), format)) != nil)
        elements[1] = .nan
        #expect(close.fault(of: try body(try Tensor([2, 2], elements), .octets)) != nil || format != .octets)
    }

    @Test("another shape, no output and no JSON are faults")
    func faults() throws {
        let check = AnswerCheck(expected: try Tensor([2, 1], [1, 2]), format: .json, strictness: .close)
        #expect(check.fault(of: Array(#"{"output":[[1,2]]}"#.utf8)) == .shape(expected: [2, 1], received: [1, 2]))
        #expect(check.fault(of: Array(#"{"shape":[2,1]}"#.utf8)) == .noOutput)
        guard case .unreadable? = check.fault(of: Array("<html>".utf8)) else {
            Issue.record("HTML was read")
            return
        }
    }

    private func body(_ tensor: Tensor, _ format: TensorFormat) throws -> [UInt8] {
        switch format {
        case .octets: return RawTensor.encode(tensor)
        case .npy: return NumPyFile.encode(tensor)
        case .json:
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("shape")
            writer.write(tensor.shape.dimensions)
            writer.name("output")
            try writer.write(tensor, form: .nested, nonFinite: .token)
            writer.endObject()
            return writer.bytes
        }
    }
}
