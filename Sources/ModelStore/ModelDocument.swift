package import DenseEngine
internal import TensorCoding

/// A model as a document holds it: layers with their weights, not built yet.
///
/// The JSON forms, in one object:
/// - `{"layers": [{"layer": {…}, "weights": {…}}, …]}`, what `json` writes
/// - `{"layers": [{…}, …], "weights": [{…}, …]}`: configurations and weights in lists of their own
/// - `{"layer": {…}, "weights": {…}}`
/// - a Keras configuration by itself: a layer's, a serialized `Sequential`, or what its `get_config()` gives; the
///   initializers make the weights
///
/// Each may also hold `"apply_constraints": true`, `"quantize": "int8"` and `"batching": {…}`.
package struct ModelDocument: Sendable {
    package var layers: [LayerSpecification]
    /// Whether the weights are projected by the layers' constraints when the model is built, as Keras does after an update.
    package var appliesConstraints: Bool
    /// How the weights are quantized when the model is built, after the constraints; `nil` leaves them as they are.
    package var quantization: QuantizationConfiguration?
    /// How requests for the model are batched, if the document says.
    package var batching: BatchOptions?

    /// Where in the document each layer's configuration and weights are, for errors; empty when it was no document.
    var places: [(configuration: [String], weights: [String])] = []

    package init(layers: [LayerSpecification], appliesConstraints: Bool = false) {
        self.layers = layers
        self.appliesConstraints = appliesConstraints
    }

    /// Reads the JSON forms.
    ///
    /// - Parameters:
    ///   - bytes: the document, readable for another `padding` bytes.
    ///   - allowsNonFinite: takes `NaN` and `Infinity` as numbers.
    /// - Throws: `coding` for what is not JSON or of a wrong type, `engine` for what is no layer.
    package init(
        json bytes: UnsafeRawBufferPointer, padding: Int = 0, allowsNonFinite: Bool = false
    ) throws(ModelStoreError) {
        let document: ModelDocument
        do throws(ModelStoreError) {
            document = try unsafe ModelDocument(bytes, padding, allowsNonFinite, readsDoubles: false)
        } catch {
            // Float64 has numbers that float32 has not.
            guard case .coding(.numberOutOfRange) = error,
                let other = unsafe try? ModelDocument(bytes, padding, allowsNonFinite, readsDoubles: true),
                other.takesDoubles
            else { throw error }
            self = other
            return
        }
        // Only now it is known what the weights are of.
        guard document.takesDoubles else {
            self = document
            return
        }
        self = try unsafe ModelDocument(bytes, padding, allowsNonFinite, readsDoubles: true)
    }

    /// Whether weights and inputs are to be read as float64, and then rounded to what some layer computes in.
    package var takesDoubles: Bool { layers.contains { $0.configuration.policy.compute != .float32 } }

    private init(
        _ bytes: UnsafeRawBufferPointer, _ padding: Int, _ allowsNonFinite: Bool, readsDoubles: Bool
    ) throws(ModelStoreError) {
        var description = LayerDescription()
        var others = ConfigObject()
        var batching: BatchOptions?
        var quantization: QuantizationConfiguration?
        var reader = try coding { () throws(CodingError) in
            try unsafe JSONReader(
                bytes: bytes, padding: padding, allowsNonFinite: allowsNonFinite, readsDoubles: readsDoubles)
        }
        try coding { () throws(CodingError) in try reader.beginObject() }
        while let name = try coding({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "layer": try description.readLayer(&reader)
            case "layers": try description.readLayers(&reader)
            case "weights": try description.readWeights(&reader)
            case "apply_constraints": try description.readAppliesConstraints(&reader)
            case "quantize":
                let value = try coding { () throws(CodingError) in try reader.readConfigValue() }
                quantization = try Self.quantization(value)
            case "batching": batching = try coding { () throws(CodingError) in try BatchOptions(&reader) }
            default: others[name] = try coding { () throws(CodingError) in try reader.readConfigValue() }
            }
        }
        try coding { () throws(CodingError) in try reader.finish() }
        try description.addBareConfiguration(others)
        self = try description.document()
        self.batching = batching
        self.quantization = quantization
    }

    /// Reads how weights are to be quantized: a mode's name, or a config as Keras serialises it; `null` for not at all.
    ///
    /// - Throws: `engine`, with a path that begins with `quantize`.
    package static func quantization(_ value: ConfigValue) throws(ModelStoreError) -> QuantizationConfiguration? {
        guard value != .null else { return nil }
        do throws(EngineError) {
            let configuration = try QuantizationConfiguration(value)
            try configuration.requireNoCalibration()
            return configuration
        } catch {
            throw .engine(error, path: ["quantize"] + error.path)
        }
    }

    /// Reads the JSON forms from an array.
    package init(json bytes: [UInt8]) throws(ModelStoreError) {
        self = try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(ModelStoreError) in
            try unsafe ModelDocument(json: bytes)
        }
    }

    /// The built model: weights checked, or made by the initializers, projected if that was asked for, and packed.
    ///
    /// - Parameter inputShape: of an actual input, for weights that must be made for it.
    /// - Throws: `engine`, with the place in the document where that is known.
    package func build(inputShape: Shape? = nil) throws(ModelStoreError) -> Sequential {
        do throws(EngineError) {
            var network = try Sequential(layers, inputShape: inputShape)
            if appliesConstraints { network = try network.applyingConstraints() }
            if let quantization { network = try network.quantized(quantization) }
            return network
        } catch {
            throw .engine(error, path: path(of: error))
        }
    }

    private func path(of error: EngineError) -> [String] {
        switch error {
        case .weightShapeMismatch(let layer, let weight, _, _), .missingWeight(let layer, let weight),
            .unexpectedWeight(let layer, let weight, _), .weightOutOfRange(let layer, let weight, _, _):
            guard let place = place(of: layer) else { return [] }
            return place.weights + (isMissing(error) ? [] : [weight])
        case .rankTooLow, .lastAxisMismatch, .incompatibleInput, .invalidShape, .elementCountMismatch, .queueFull:
            // Of the input, not of the document.
            return []
        case .unknownConfigKey, .missingConfigKey, .invalidConfigValue, .unknownIdentifier, .unsupported,
            .unknownInputShape, .tooLarge:
            guard layers.count > 1, let first = error.path.first, let index = Int(first), places.indices.contains(index)
            else { return (places.first?.configuration ?? []) + error.path }
            return places[index].configuration + error.path.dropFirst()
        }
    }

    private func isMissing(_ error: EngineError) -> Bool {
        if case .missingWeight = error { true } else { false }
    }

    /// The place of the layer that `Sequential` gave this name.
    private func place(of layer: String) -> (configuration: [String], weights: [String])? {
        guard places.count == layers.count, let named = try? Sequential.named(layers) else { return nil }
        return named.firstIndex { $0.configuration.name == layer }.map { places[$0] }
    }
}

extension LayerDescription {
    /// Takes the members of a document that are neither `layer`, `layers` nor `weights`: without a layer they are one, a
    /// bare configuration.
    mutating func addBareConfiguration(_ members: ConfigObject) throws(ModelStoreError) {
        if elements == nil {
            elements = members.members.isEmpty ? nil : [Element(configuration: .object(members), path: [])]
        } else if isModel(members) {
            // `get_config()` of a model is its layers and a few members of its own.
            var whole = members
            whole["layers"] = .array(elements?.map(\.configuration) ?? [])
            elements = [Element(configuration: .object(whole), path: [])]
        } else if let extra = members.members.first {
            throw .unknownMember(
                path: [], name: extra.name,
                allowed: ["layer", "layers", "weights", "apply_constraints", "quantize", "batching"])
        }
    }

    /// Whether these members stand beside a list of bare configurations, as only a model's own do.
    private func isModel(_ members: ConfigObject) -> Bool {
        let own = ["name", "trainable", "dtype", "build_input_shape", "input_layers", "output_layers"]
        return isList && !members.members.isEmpty && members.members.allSatisfy { own.contains($0.name) }
            && elements?.allSatisfy { $0.isBareInList } == true
    }
}
