import DenseEngine
import ModelStore
import TensorCoding

/// The readers of adapters, as bodies and as files: whatever the bytes are, there is a sentence about what is wrong, or an
/// adapter no larger than they allow, which computes, can be merged, and leads back to itself from the store's file of it.
///
/// The first byte of an input says how the rest is read: its lowest bit whether as a file, the next one for which model, and
/// the third whether it is a program, of which `AdapterProgram` makes a document that is whole.
package enum AdapterFuzz {
    package static var target: FuzzTarget {
        // Not kept for good: the leak checker does not follow marked pointers, behind which layers lie.
        let models = models()
        return FuzzTarget(
            name: "adapters", seeds: seeds(for: models), tokens: tokens, byteTokens: byteTokens,
            check: { input throws(FuzzFailure) in try check(input, models) }, repair: repair)
    }

    // MARK: Models

    /// What the bytes may adapt: layers of float32, and of another type with one between them that cannot be adapted.
    private static func models() -> [Model] {
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        return [
            #"""
            {"layers": [
            {"layer": {"units": 3, "activation": "relu", "name": "dense"}, "weights": {"kernel": [[1, 2, 3], [4, 5, 6]], "bias": [1, 2, 3]}},
            {"layer": {"units": 2, "name": "dense_1"}, "weights": {"kernel": [[1, 2], [3, 4], [5, 6]], "bias": [0, 1]}}]}
            """#,
            #"""
            {"layers": [
            {"layer": {"units": 2, "dtype": "bfloat16", "name": "dense"}, "weights": {"kernel": [[1, 2], [3, 4]], "bias": [1, 2]}},
            {"layer": {"class_name": "Activation", "config": {"activation": "tanh", "name": "activation"}}},
            {"layer": {"units": 1, "use_bias": false, "name": "dense_1"}, "weights": {"kernel": [[1], [2]]}}]}
            """#,
        ].enumerated().map { index, text in
            guard let document = try? ModelDocument(json: Array(text.utf8)),
                let model = try? registry.register("m\(index)", document).model
            else { preconditionFailure("The model \(index) is broken.") }
            return model
        }
    }

    // MARK: Inputs

    private static let documents = [
        #"{"layers": {"dense": {"lora_kernel_a": [[1], [2]], "lora_kernel_b": [[1, 2, 3]], "lora_alpha": 8}}}"#,
        #"{"layers": {"dense_1": {"lora_kernel_a": [[1, 2], [3, 4], [5, 6]], "lora_kernel_b": [[1, 0], [0, 1]]}}}"#,
        #"""
        {"layers": {"dense_1": {"lora_kernel_a": {"shape": [2, 1], "data": [1, 2]},
        "lora_kernel_b": {"shape": [1, 1], "dtype": "float16", "b64": "AD4="}}}}
        """#,
    ]

    private static func seeds(for models: [Model]) -> [[UInt8]] {
        let files = documents.enumerated().flatMap { index, text -> [(model: Int, file: [UInt8])] in
            let (json, model) = (Array(text.utf8), index / 2)
            guard let adapter = try? AdapterDocument(file: json).build("a", for: models[model].network) else {
                return []
            }
            return [(model, json), (model, adapter.stored)]
        }
        let programs: [[UInt8]] = [[0, 2, 1, 3, 0], [1, 3, 2, 2, 0x11], [0, 2, 1, 2, 0x22, 1, 2, 1, 1, 0]]
        return (files + [(0, peft)]).flatMap { model, file in (0...1).map { [UInt8(model * 2 + $0)] + file } }
            + programs.flatMap { program in (4..<8).map { [UInt8($0)] + program } }
    }

    /// As PEFT writes it: under the paths of its own modules, transposed, with one alpha for all.
    private static let peft: [UInt8] = {
        let header = #"""
            {"__metadata__":{"lora_alpha":"16"},"base_model.model.dense.lora_A.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"base_model.model.dense.lora_B.weight":{"dtype":"F32","shape":[3,1],"data_offsets":[8,20]}}
            """#
        let octets = [1, 2, 3, 4, 5].flatMap { StoredZip.little(Int(Float($0).bitPattern), 4) }
        return StoredZip.little(header.utf8.count, 8) + Array(header.utf8) + octets
    }()

    private static let tokens = [
        "\"layers\":", "\"dense\":", "\"dense_1\":", "\"activation\":", "\"lora_kernel_a\":", "\"lora_kernel_b\":",
        "\"lora_alpha\":", ".lora_kernel_a", ".lora_kernel_b", ".lora_A.weight", ".lora_B.weight", "\"__metadata__\":",
        "\"{\\\"dense\\\":2}\"", "\"shape\":[0,2]", "\"shape\":[2,0]", "\"data\":[]", "\"dtype\":\"F16\"", "\"BF16\"",
        "\"I8\"", "\"data_offsets\":[0,0]", "null", "NaN", "1e39", "1e300", "-0", "[[", "]]", "{", "}", "[[],[]]",
    ]

    private static let byteTokens: [[UInt8]] = [
        [0, 0, 0x80, 0x7F], [0, 0, 0xC0, 0x7F], [0xFF, 0xFF, 0x7F, 0x7F],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ]

    // MARK: What has to hold

    private static func check(_ input: [UInt8], _ models: [Model]) throws(FuzzFailure) -> String {
        guard let first = input.first else { return "empty" }
        let isFile = first & 1 == 1
        let rest = input.dropFirst()
        let bytes = first & 4 == 0 ? Array(rest) : AdapterProgram.document(rest, isFile: isFile)
        let model = models[Int(first >> 1) % models.count]
        let document: AdapterDocument
        let adapter: ModelAdapter
        do throws(ModelStoreError) {
            document = isFile ? try AdapterDocument(file: bytes) : try body(bytes)
            adapter = try document.build("a", for: model.network)
        } catch {
            // Texts name keys and layers, of which there is no end.
            if case .coding(let error) = error { return error.code }
            return String(try FilesFuzz.word(error, input).prefix { $0 != "'" })
        }
        // Both factors in float32, and packed for the product, each row and column to a vector's width.
        guard adapter.byteCount <= 1 << 14 + 256 * bytes.count else {
            throw FuzzFailure("\(adapter.byteCount) bytes of factors", input)
        }
        try requireUse(adapter, of: model, input)
        let stored = try? ModelAdapter.stored(
            adapter.stored, named: "a", for: model.network, digest: adapter.digest)
        guard stored?.digest == adapter.digest else { throw FuzzFailure("the stored file does not lead back", input) }
        return "ok"
    }

    /// As a request's body is read: with what lies behind it, and with numbers that are not finite.
    private static func body(_ bytes: [UInt8]) throws(ModelStoreError) -> AdapterDocument {
        let padding = 64
        let padded = bytes + [UInt8](repeating: UInt8(ascii: "1"), count: padding)
        return try unsafe padded.span.bytes.withUnsafeBytes { padded throws(ModelStoreError) in
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: padded[..<bytes.count])
            return try unsafe AdapterDocument(json: bytes, padding: padding, allowsNonFinite: true)
        }
    }

    private static func requireUse(_ adapter: ModelAdapter, of model: Model, _ input: [UInt8]) throws(FuzzFailure) {
        let (output, plain): (Tensor, Tensor)
        do throws(EngineError) {
            let rows = try Tensor([3, 2], [1, 2, 3, 4, 5, 6])
            plain = try model.network(rows).output
            output = try model.network(rows, adapters: AdapterRows(all: adapter.adapter)).output
        } catch { throw FuzzFailure("it does not compute: \(error)", input) }
        guard output.shape == plain.shape, output.type == plain.type else {
            throw FuzzFailure("an output of shape \(output.shape)", input)
        }
        guard let merged = try? model.merged(with: adapter),
            let again = try? ModelDocument(file: merged.safeTensors).build(),
            ModelContent(again).digest == merged.content.digest
        else { throw FuzzFailure("it cannot be merged", input) }
    }

    private static func repair(_ input: [UInt8]) -> [UInt8] {
        input.first.map { $0 & 5 } != 1
            ? input : input.prefix(1) + FilesFuzz.withLengthOfHeader(Array(input.dropFirst()))
    }
}
