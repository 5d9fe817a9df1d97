/// The weights of a quantized layer as Keras stores them, but for the bias: checked, and with the integers in a byte each.
struct KeptWeights: Sendable {
    private enum Weight: Sendable {
        case floats(Tensor)
        case bytes([UInt8], Shape, WeightType)
    }

    let inputDimension: Int
    /// The number of all elements, those of a kernel that is not kept among them.
    private(set) var elementCount = 0
    private var weights: [(name: String, weight: Weight)] = []

    /// - Throws: `EngineError.missingWeight`, `.weightShapeMismatch`, and `.weightOutOfRange` for what is no integer of its
    ///   type.
    init(_ configuration: DenseConfiguration, _ given: [String: Tensor]) throws(EngineError) {
        let layer = configuration.name
        guard let kernel = given["kernel"] else { throw .missingWeight(layer: layer, weight: "kernel") }
        guard let inputDimension = configuration.inputDimension(ofKernel: kernel.shape) else {
            throw .weightShapeMismatch(
                layer: layer, weight: "kernel",
                expected: configuration.storedShape(ofWeight: "kernel", inputDimension: -1), received: kernel.shape)
        }
        self.inputDimension = inputDimension
        for name in configuration.weightNames where name != "bias" {
            guard let tensor = given[name] else { throw .missingWeight(layer: layer, weight: name) }
            let expected = configuration.storedShape(ofWeight: name, inputDimension: inputDimension)
            guard name == "kernel" || tensor.shape.dimensions == expected else {
                throw .weightShapeMismatch(layer: layer, weight: name, expected: expected, received: tensor.shape)
            }
            elementCount += tensor.elements.count
            let type = configuration.storedType(ofWeight: name)
            if type == .float32 {
                weights.append((name, .floats(tensor.cast(to: .float32))))
            } else {
                let bytes = try Self.bytes(of: tensor, type, layer: layer, name)
                weights.append((name, .bytes(bytes, tensor.shape, type)))
            }
        }
    }

    private static func bytes(
        of tensor: Tensor, _ type: WeightType, layer: String, _ name: String
    ) throws(EngineError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tensor.elements.count)
        for element in tensor.elements {
            let byte = type == .int8 ? Int8(exactly: element).map(UInt8.init(bitPattern:)) : UInt8(exactly: element)
            guard let byte else {
                throw .weightOutOfRange(
                    layer: layer, weight: name,
                    expected: type == .int8 ? "integers from -128 to 127" : "integers from 0 to 255", received: element)
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// A weight's numbers; none when there is no such weight.
    func floats(_ name: String) -> [Float] {
        if case .floats(let tensor) = self[name] { tensor.elements } else { [] }
    }

    /// A weight's bytes; none when it has other elements.
    func bytes(_ name: String) -> [UInt8] {
        if case .bytes(let bytes, _, _) = self[name] { bytes } else { [] }
    }

    /// The same as signed integers.
    func integers(_ name: String) -> [Int8] { bytes(name).map { Int8(bitPattern: $0) } }

    private subscript(name: String) -> Weight? { weights.first { $0.name == name }?.weight }

    /// A weight as a tensor, `nil` when there is no such weight.
    func tensor(_ name: String) -> Tensor? {
        switch self[name] {
        case nil: nil
        case .floats(let tensor): tensor
        case .bytes(let bytes, let shape, let type):
            try? Tensor(
                shape: shape,
                elements: type == .int8 ? bytes.map { Float(Int8(bitPattern: $0)) } : bytes.map { Float($0) })
        }
    }

    /// The same without the kernel, for a layer whose packed weights hold it.
    var withoutKernel: KeptWeights {
        var others = self
        others.weights.removeAll { $0.name == "kernel" }
        return others
    }

    /// What they take in memory.
    var byteCount: Int {
        weights.reduce(0) { sum, entry in
            switch entry.weight {
            case .floats(let tensor): sum + tensor.elements.count * MemoryLayout<Float>.stride
            case .bytes(let bytes, _, _): sum + bytes.count
            }
        }
    }
}
