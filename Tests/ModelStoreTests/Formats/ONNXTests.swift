import DenseEngine
import ModelStore
import TensorCoding
import Testing
import dense_fuzz

@Suite("ONNX models")
struct ONNXTests {
    /// Files, and words of the sentence they are refused with.
    private static let refused: [(file: String, says: String)] = {
        guard case .object(let document)? = try? ConfigValue(json: GoldenFiles.bytes("onnx/expected.json")),
            case .object(let refused)? = document["refused"]
        else { return [] }
        return refused.members.compactMap { member in
            guard case .string(let says) = member.value else { return nil }
            return (member.name, says)
        }
    }()

    @Test("what cannot be layers is refused, and named")
    func refusals() {
        #expect(Self.refused.count >= 30)
        for (file, says) in Self.refused {
            do throws(ModelStoreError) {
                let document = try ModelDocument(file: GoldenFiles.bytes("onnx/\(file)"))
                Issue.record("\(file) was read: \(document.layers.map(\.configuration.className))")
            } catch {
                #expect(error.description.contains(says), "\(file)")
            }
        }
    }

    private static func layers(_ name: String) throws -> [String] {
        try ModelDocument(file: GoldenFiles.bytes("onnx/\(name).onnx")).layers.map { layer in
            guard case .dense(let dense) = layer.configuration else { return layer.configuration.className }
            return "Dense \(dense.activation.name)"
        }
    }

    @Test(
        "a bias and an activation are their product's; what exporters write out is one activation",
        arguments: [
            ("typed", ["InputLayer", "Dense relu"]), ("keras_mlp", ["InputLayer", "Dense relu", "Dense softmax"]),
            ("keras_rows", ["InputLayer", "Dense tanh", "Dense linear"]),
            ("torch_mlp_old", ["InputLayer", "Dense relu", "Dense softmax"]),
            ("torch_gelu_old", ["InputLayer", "Dense gelu"]), ("torch_gelu_tanh_old", ["InputLayer", "Dense gelu"]),
            ("torch_softplus_new", ["InputLayer", "Dense softplus"]), ("keras_mish", ["InputLayer", "Dense mish"]),
            ("keras_hard_silu", ["InputLayer", "Dense hard_silu"]), ("keras_celu", ["InputLayer", "Dense celu"]),
            ("torch_layer_new", ["InputLayer", "Dense linear", "LayerNormalization", "Dense linear"]),
            ("keras_prelu", ["InputLayer", "Dense linear", "PReLU", "Dense linear"]),
            ("scaled", ["InputLayer", "Rescaling", "Rescaling", "Rescaling"]),
            ("quick_gelu", ["InputLayer", "Rescaling", "Activation", "Rescaling"]),
            ("square_gelu", ["InputLayer", "Activation"]), ("no_shape", ["InputLayer", "Dense tanh"]),
            ("torch_layer_old", ["InputLayer", "Dense linear", "LayerNormalization", "Dense linear"]),
            ("keras_layer", ["InputLayer", "Dense linear", "LayerNormalization", "Dense linear"]),
            ("keras_rms", ["InputLayer", "Dense linear", "RMSNormalization", "Dense linear"]),
        ])
    func layers(name: String, expected: [String]) throws {
        #expect(try Self.layers(name) == expected)
    }

    @Test("a batch that was fixed when the model was exported does not bind")
    func fixedBatch() throws {
        let network = try ModelDocument(file: GoldenFiles.bytes("onnx/fixed_batch.onnx")).build()
        let input = try Tensor([5, 3, 4], Array(repeating: 1, count: 60))
        #expect(try network(input).output.shape.dimensions == [5, 2])
    }

    @Test("a configuration beside a graph is refused")
    func configuration() {
        let options = ModelFileOptions(activations: ["relu"])
        #expect(throws: ModelStoreError.self) {
            try ModelDocument(file: GoldenFiles.bytes("onnx/typed.onnx"), options)
        }
    }

    @Test("fields that nobody knows are passed over, groups too")
    func unknownFields() throws {
        let whole = GoldenFiles.bytes("onnx/typed.onnx")
        let known = try ModelDocument(file: whole).layers.count
        for more in [[0x98, 0x06, 1], [0x9B, 0x06, 0x08, 1, 0x9C, 0x06]] as [[UInt8]] {
            #expect(try ModelDocument(file: whole + more).layers.count == known)
        }
    }

    @Test("what is no message is refused, and its place in the file is said")
    func damaged() throws {
        let whole = GoldenFiles.bytes("onnx/typed.onnx")
        let place = whole.count
        for (more, expected) in [
            (
                [0x0E],
                .damaged(
                    .onnx,
                    message: "Expected a field number from 1 to 536870911 and a wire type from 0 to 5, received "
                        + "something else (in the model).", offset: place)
            ),
            ([0x3A, 5, 0], .truncated(.onnx, needed: place + 7, size: place + 3)),
            // An opset, whose version is cut off within it.
            ([0x42, 2, 0x10, 0x80, 0], .truncated(.onnx, needed: place + 5, size: place + 4)),
        ] as [([UInt8], ModelFileError)] {
            do throws(ModelStoreError) {
                _ = try ModelDocument(file: whole + more)
                Issue.record("It was read.")
            } catch { #expect(error.description == expected.description) }
        }
    }

    @Test("the reader holds against mutated models and random graphs")
    func fuzz() throws {
        let outcomes = try ONNXFuzz.target.run(count: 1_000, seed: 20_261_128)
        #expect(outcomes["ok", default: 0] > 30)
        #expect(outcomes.count > 15)
    }
}
