import DenseEngine
import ModelStore
import TensorCoding
import Testing

@Suite("Model files")
struct ModelFileTests {
    @Test("there are golden files of every kind")
    func cases() {
        #expect(GoldenFiles.cases.count >= 140)
    }

    @Test("a file gives what Keras computes with it", arguments: GoldenFiles.cases)
    func golden(_ golden: GoldenFiles.Case) throws {
        let network = try ModelDocument(file: golden.bytes, golden.options).build()
        let output = try network(GoldenFiles.tensor(golden.input, readsDoubles: network.takesDoubles)).output
        let expected = try GoldenFiles.tensor(golden.output, readsDoubles: true)
        #expect(output.shape == expected.shape)
        #expect(output.type == golden.dtype)
        // Two units of the last place in 16 bits.
        let (least, share): (Double, Double) =
            switch golden.dtype {
            case .float32: (1e-6, 1e-5)
            case .float16: (0x1p-12, 0x1p-9)
            case .bfloat16: (0x1p-9, 0x1p-6)
            case .float64: (1e-14, 1e-13)
            }
        for (index, (a, b)) in zip(output.asDoubles, expected.asDoubles).enumerated() {
            #expect(abs(a - b) <= least + share * abs(b), "element \(index): \(a), Keras \(b)")
        }
    }

    @Test("a file that is cut off is refused, at every byte or some of a long one", arguments: GoldenFiles.cases)
    func truncated(_ golden: GoldenFiles.Case) throws {
        let bytes = golden.bytes
        let step = bytes.count > 4_096 ? 64 : golden.name.hasPrefix("onnx/") ? 29 : 1
        for count in stride(from: 0, to: bytes.count, by: step) {
            let network = Result { () throws(ModelStoreError) in
                try ModelDocument(file: Array(bytes[..<count]), golden.options).build()
            }
            // What an ONNX model ends with may say nothing that matters; then it is the same model.
            if golden.name.hasPrefix("onnx/"), case .success(let network) = network {
                let whole = try ModelDocument(file: bytes, golden.options).build()
                #expect(ModelContent(network).digest == ModelContent(whole).digest)
            } else {
                #expect(throws: ModelStoreError.self, "\(count) of \(bytes.count) bytes") { try network.get() }
            }
        }
    }

    @Test("every exported form registers again with the same weights", arguments: GoldenFiles.cases)
    func exported(_ golden: GoldenFiles.Case) throws {
        let registry = ModelRegistry(maximumBytes: 1 << 24)
        let model = try registry.register("m", try ModelDocument(file: golden.bytes, golden.options)).model
        for file in [model.safeTensors, try model.npz(), try model.keras(), model.json] {
            let again = ModelContent(try ModelDocument(file: file).build())
            #expect(again.digest == model.content.digest)
        }
    }

    @Test("a safetensors export holds the integers of a quantized kernel in a byte each, as Keras's files do")
    func integers() throws {
        let file = GoldenFiles.bytes("precision/int8.keras")
        let model = try ModelRegistry(maximumBytes: 1 << 24).register("m", try ModelDocument(file: file)).model
        let text = String(decoding: model.safeTensors, as: UTF8.self)
        #expect(text.contains(#"{"dtype":"I8","shape":[12,20],"data_offsets":[0,240]}"#))
        #expect(text.contains(#"{"dtype":"F32","shape":[20],"data_offsets":[240,320]}"#))
        #expect(model.content.byteCount < model.network.byteCount)
    }

    @Test("a stack without a configuration is no guess")
    func stack() throws {
        #expect(throws: ModelStoreError.self) { try ModelDocument(file: GoldenFiles.bytes("torch.safetensors")) }
        let options = ModelFileOptions(activations: ["relu"])
        #expect(throws: ModelStoreError.self) {
            try ModelDocument(file: GoldenFiles.bytes("torch.safetensors"), options)
        }
    }

    @Test("weights and a configuration of another model are refused")
    func mismatch() throws {
        for (file, config) in [
            ("mlp.weights.h5", "stack.json"), ("stack.weights.h5", "mlp.json"), ("listed.npz", "mlp.json"),
            ("bfloat.safetensors", "wide.json"), ("tiles.weights.h5", "stack.json"),
        ] {
            let options = ModelFileOptions(configuration: GoldenFiles.bytes(config))
            #expect(throws: ModelStoreError.self, "\(file) with \(config)") {
                try ModelDocument(file: GoldenFiles.bytes(file), options).build()
            }
        }
        // Weights alone need a configuration; what has one takes no other.
        #expect(throws: ModelStoreError.self) { try ModelDocument(file: GoldenFiles.bytes("stack.weights.h5")) }
        let options = ModelFileOptions(configuration: GoldenFiles.bytes("mlp.json"))
        for file in ["mlp.keras", "mlp.h5", "mlp.json"] {
            #expect(throws: ModelStoreError.self) { try ModelDocument(file: GoldenFiles.bytes(file), options) }
        }
    }
}
