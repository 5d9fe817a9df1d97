package import DenseEngine
internal import TensorCoding

/// An adapter as a client gives it, not yet laid out for a model:
///
/// - JSON: `{"layers": {"dense": {"lora_kernel_a": [[…]], "lora_kernel_b": [[…]], "lora_alpha": 8}}}`; the shapes say the
///   rank, and without an alpha it is the rank, as in Keras
/// - a safetensors file of tensors `LAYER.lora_kernel_a` and `LAYER.lora_kernel_b`, or of PEFT's `….LAYER.lora_A.weight` and
///   `….LAYER.lora_B.weight`, which are transposed; alphas in the metadata `lora_alpha`: a number, or an object of one for
///   each layer
package struct AdapterDocument: Sendable {
    /// By layer; in files that is all before the factor's own name.
    private(set) var layers: [String: Layer] = [:]
    /// The factors' alpha where a layer says none.
    package var alpha: Double?
    private let isFile: Bool

    init(fileOf layers: [String: Layer]) {
        self.layers = layers
        isFile = true
    }

    mutating func set(_ layer: Layer, of name: String) { layers[name] = layer }

    struct Layer: Sendable {
        var a: Tensor?
        var b: Tensor?
        var alpha: Double?
    }

    /// Reads the JSON form.
    ///
    /// - Parameters:
    ///   - bytes: the document, readable for another `padding` bytes.
    ///   - allowsNonFinite: takes `NaN` and `Infinity` as numbers.
    /// - Throws: `coding`.
    package init(
        json bytes: UnsafeRawBufferPointer, padding: Int = 0, allowsNonFinite: Bool = false
    ) throws(ModelStoreError) {
        isFile = false
        do throws(CodingError) {
            var reader = try unsafe JSONReader(bytes: bytes, padding: padding, allowsNonFinite: allowsNonFinite)
            var hasLayers = false
            try reader.beginObject()
            while let name = try reader.nextField() {
                guard name == "layers" else { throw reader.unknownField(allowed: ["layers"]) }
                hasLayers = true
                try reader.beginObject()
                while let layer = try reader.nextField() { layers[layer] = try Self.layer(&reader) }
            }
            guard hasLayers else { throw reader.missingField("layers") }
            try reader.finish()
        } catch { throw .coding(error) }
    }

    private static func layer(_ reader: inout JSONReader) throws(CodingError) -> Layer {
        var layer = Layer()
        try reader.beginObject()
        while let name = try reader.nextField() {
            switch name {
            case LowRankTerm.names.a: layer.a = try reader.readTensor()
            case LowRankTerm.names.b: layer.b = try reader.readTensor()
            case "lora_alpha": layer.alpha = try reader.readNull() ? nil : try reader.readDouble()
            default:
                throw reader.unknownField(allowed: [LowRankTerm.names.a, LowRankTerm.names.b, "lora_alpha"])
            }
        }
        return layer
    }

    /// Reads a file, JSON or safetensors, recognised by its content.
    ///
    /// - Throws: `coding`, and `file` for another file or one without factors.
    package init(file bytes: [UInt8], allowsNonFinite: Bool = false) throws(ModelStoreError) {
        let kind = unsafe bytes.withUnsafeBytes { unsafe FileKind.of($0) }
        switch kind {
        case .json:
            self = try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(ModelStoreError) in
                try unsafe AdapterDocument(json: bytes, allowsNonFinite: allowsNonFinite)
            }
        case .safeTensors:
            let list = try fileError { () throws(ModelFileError) in
                try SafeTensors.decode(FileBytes(bytes, kind: .safeTensors))
            }
            self = try fileError { () throws(ModelFileError) in try AdapterDocument(list) }
        case .keras, .hdf5, .npz, .npy, .zip, .onnx:
            throw .file(
                .unsupported(kind, message: "An adapter comes as JSON or safetensors. Received a file of another kind.")
            )
        }
    }

    // MARK: Meaning

    /// The adapter, laid out for a model.
    ///
    /// - Throws: `engine` for layers that the model does not have, and factors that do not fit or are missing.
    package func build(_ name: String, for network: Sequential) throws(ModelStoreError) -> ModelAdapter {
        do throws(EngineError) {
            var factors: [String: LowRankFactors] = [:]
            for (given, layer) in layers.sorted(by: { $0.key < $1.key }) {
                let own = isFile ? Self.layer(given, in: network) : given
                guard let a = layer.a else { throw .missingWeight(layer: own, weight: LowRankTerm.names.a) }
                guard let b = layer.b else { throw .missingWeight(layer: own, weight: LowRankTerm.names.b) }
                guard factors[own] == nil else {
                    throw .invalidConfigValue(
                        path: [own],
                        message: "Expected the factors of layer '\(own)' once, received two that are called so.")
                }
                factors[own] = LowRankFactors(a: a, b: b, alpha: layer.alpha ?? alpha)
            }
            return ModelAdapter(name, try Adapter(factors, for: network))
        } catch { throw .engine(error, path: isFile ? [] : Self.path(of: error)) }
    }

    /// The layer that a file's name means: PEFT puts the paths of its own modules before it.
    private static func layer(_ given: String, in network: Sequential) -> String {
        let names = network.layers.map(\.name)
        if names.contains(given) { return given }
        return names.filter { given.hasSuffix("." + $0) }.max { $0.count < $1.count } ?? given
    }

    /// Where in the JSON form it is.
    private static func path(of error: EngineError) -> [String] {
        switch error {
        case .weightShapeMismatch(let layer, let weight, _, _): ["layers", layer, weight]
        case .missingWeight(let layer, _): ["layers", layer]
        default: ["layers"] + error.path
        }
    }
}

extension ConfigValue {
    /// A number of either kind.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }
}
