internal import DenseEngine
package import TensorCoding

/// Layers and weights as a client wrote them, in whichever of the forms, before the engine has looked at them. Members
/// of a JSON object come in any order, so everything is kept until all of it was read; weights go straight into tensors.
///
/// - `layer`: a Keras configuration (the bare `config`, a serialized layer, a serialized `Sequential`), and `weights`
/// - `layers`: a list of such configurations, or of `{"layer": …, "weights": …}`, and perhaps `weights`, one for each
/// - `apply_constraints` beside either: project the weights by the layers' constraints, as Keras does after an update
package struct LayerDescription: Sendable {
    /// One `layer` or element of `layers`. `path` leads from the document to the configuration.
    struct Element: Sendable {
        var configuration: ConfigValue
        var weights: [String: Tensor]?
        var path: [String]

        /// Whether it is an element of `layers` that is a configuration and nothing more.
        var isBareInList: Bool { weights == nil && path.count == 2 }
    }

    /// The member `weights`: of the one layer, or a list with one element for each layer.
    enum Weights: Sendable {
        case one([String: Tensor])
        case each([[String: Tensor]?])
    }

    var elements: [Element]?
    /// Whether there is a member `layers`, rather than `layer`.
    package private(set) var isList = false
    var weights: Weights?
    /// The member `apply_constraints`, if there is one.
    package private(set) var appliesConstraints: Bool?

    package init() {}

    /// Whether neither layers nor weights were read.
    package var isEmpty: Bool { elements == nil && weights == nil }

    /// Whether there is a `layer` or `layers`.
    package var hasLayers: Bool { elements != nil }

    // MARK: Reading

    /// Reads the value of the member `layer`.
    package mutating func readLayer(_ reader: inout JSONReader) throws(ModelStoreError) {
        guard !isList else { throw .conflictingMembers(path: [], first: "layers", second: "layer") }
        elements = [
            Element(
                configuration: try coding { () throws(CodingError) in try reader.readConfigValue() }, path: ["layer"])
        ]
    }

    /// Reads the value of the member `layers`: a list, or a serialized `Sequential`.
    package mutating func readLayers(_ reader: inout JSONReader) throws(ModelStoreError) {
        guard elements == nil else { throw .conflictingMembers(path: [], first: "layer", second: "layers") }
        isList = true
        do throws(CodingError) {
            guard try reader.nextKind() == .array else {
                elements = [Element(configuration: try reader.readConfigValue(), path: ["layers"])]
                return
            }
            try reader.beginArray()
        } catch { throw .coding(error) }
        var list: [Element] = []
        while try coding({ () throws(CodingError) in try reader.nextElement() }) {
            list.append(try Self.element(&reader, path: ["layers", String(list.count)]))
        }
        elements = list
    }

    /// Reads the value of the member `weights`.
    package mutating func readWeights(_ reader: inout JSONReader) throws(ModelStoreError) {
        do throws(CodingError) {
            guard try reader.nextKind() == .array else {
                weights = .one(try Self.weightsObject(&reader))
                return
            }
            var list: [[String: Tensor]?] = []
            try reader.beginArray()
            while try reader.nextElement() {
                list.append(try reader.readNull() ? nil : try Self.weightsObject(&reader))
            }
            weights = .each(list)
        } catch { throw .coding(error) }
    }

    /// Reads the value of the member `apply_constraints`.
    package mutating func readAppliesConstraints(_ reader: inout JSONReader) throws(ModelStoreError) {
        appliesConstraints = try coding { () throws(CodingError) in try reader.readBool() }
    }

    /// One element of `layers`: what it is shows only once all its members were read.
    private static func element(_ reader: inout JSONReader, path: [String]) throws(ModelStoreError) -> Element {
        var bare = ConfigObject()
        var layer: ConfigValue?
        var weights: [String: Tensor]?
        do throws(CodingError) {
            guard try reader.nextKind() == .object else {
                // Not a layer; the engine says so in its own words.
                return Element(configuration: try reader.readConfigValue(), path: path)
            }
            try reader.beginObject()
            while let name = try reader.nextField() {
                switch name {
                case "layer": layer = try reader.readConfigValue()
                case "weights": weights = try reader.readNull() ? nil : try weightsObject(&reader)
                default: bare[name] = try reader.readConfigValue()
                }
            }
        } catch { throw .coding(error) }
        guard let layer else { return Element(configuration: .object(bare), weights: weights, path: path) }
        if let extra = bare.members.first {
            throw .unknownMember(path: path, name: extra.name, allowed: ["layer", "weights"])
        }
        return Element(configuration: layer, weights: weights, path: path + ["layer"])
    }

    private static func weightsObject(_ reader: inout JSONReader) throws(CodingError) -> [String: Tensor] {
        var weights: [String: Tensor] = [:]
        try reader.beginObject()
        while let name = try reader.nextField() { weights[name] = try reader.readTensor() }
        return weights
    }

    // MARK: Meaning

    /// What the engine builds a model from.
    ///
    /// - Throws: `noLayers`, `weightCountMismatch`, `conflictingMembers`, and `engine` with the configuration's path.
    package func document() throws(ModelStoreError) -> ModelDocument {
        var document = ModelDocument(layers: [], appliesConstraints: appliesConstraints ?? false)
        for element in elements ?? [] {
            var specifications: [LayerSpecification]
            do throws(EngineError) {
                specifications = try LayerSpecification.list(element.configuration)
            } catch {
                throw .engine(error, path: element.path + error.path)
            }
            if let weights = element.weights {
                guard specifications.count == 1 else {
                    throw .weightCountMismatch(layers: specifications.count, weights: 1)
                }
                specifications[0].weights = weights
            }
            document.layers += specifications
            let weights = element.path.filter { $0 != "layer" } + ["weights"]
            document.places += specifications.map { _ in (element.path, weights) }
        }
        guard !document.layers.isEmpty else { throw .noLayers }
        try addWeights(to: &document)
        return document
    }

    /// Gives each layer its part of the member `weights`.
    private func addWeights(to document: inout ModelDocument) throws(ModelStoreError) {
        let list: [[String: Tensor]?]
        switch weights {
        case nil: return
        case .one(let weights): list = [weights]
        case .each(let weights): list = weights
        }
        guard list.count == document.layers.count else {
            throw .weightCountMismatch(layers: document.layers.count, weights: list.count)
        }
        for (index, weights) in list.enumerated() {
            guard let weights else { continue }
            guard document.layers[index].weights == nil else {
                throw .conflictingMembers(path: [], first: "weights", second: "layers/\(index)/weights")
            }
            document.layers[index].weights = weights
            if case .each = self.weights { document.places[index].weights = ["weights", String(index)] }
        }
    }
}

/// Runs `body` with its errors made the store's.
func coding<Result: ~Copyable>(_ body: () throws(CodingError) -> Result) throws(ModelStoreError) -> Result {
    do throws(CodingError) { return try body() } catch { throw .coding(error) }
}
