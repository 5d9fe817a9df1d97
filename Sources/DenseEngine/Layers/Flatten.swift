/// Keras's `Flatten`: all axes but the batch become one.
///
/// - input:  `[batch, ...]`
/// - output: `[batch, product of the others]`; `[batch, 1]` for an input of rank 1
package struct Flatten: Hashable, Sendable {
    package enum DataFormat: String, Hashable, Sendable {
        case channelsLast = "channels_last"
        /// Axis 1 is moved to the end before flattening.
        case channelsFirst = "channels_first"
    }

    package var identity: LayerIdentity
    package var dataFormat: DataFormat

    package init(dataFormat: DataFormat = .channelsLast, name: String? = nil, trainable: Bool = true) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.dataFormat = dataFormat
    }

    /// - Throws: `EngineError.rankTooLow` for a single number.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        let dimensions = input.shape.dimensions
        let shape = try outputShape(for: input.shape)
        guard dataFormat == .channelsFirst, dimensions.count > 2 else {
            return try Tensor(shape: shape, elements: input.elements)
        }
        return try Tensor(
            shape: shape,
            elements: Self.channelsLast(input.elements, batch: dimensions[0], channels: dimensions[1]))
    }

    /// - Throws: as calling the layer does.
    func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        guard let batch = shape.dimensions.first else {
            throw .rankTooLow(layer: identity.name ?? "flatten", minimum: 1, shape: shape)
        }
        return try Shape([batch, shape.dimensions.dropFirst().reduce(1, *)])
    }

    func outputShape(for shape: PartialShape) -> PartialShape {
        guard !shape.isRankFree else { return PartialShape([nil, nil]) }
        var product: Int? = 1
        for dimension in shape.dimensions.dropFirst() {
            guard let known = product, let dimension else { return PartialShape([shape.dimensions.first ?? nil, nil]) }
            let (next, overflow) = known.multipliedReportingOverflow(by: dimension)
            product = overflow ? nil : next
        }
        return PartialShape([shape.dimensions.first ?? nil, product])
    }

    /// `[batch, channels, rest]` to `[batch, rest, channels]`.
    private static func channelsLast(_ elements: [Float], batch: Int, channels: Int) -> [Float] {
        guard !elements.isEmpty else { return [] }
        let rest = elements.count / (batch * channels)
        var moved: [Float] = []
        moved.reserveCapacity(elements.count)
        for row in 0..<batch {
            for position in 0..<rest {
                for channel in 0..<channels {
                    moved.append(elements[(row * channels + channel) * rest + position])
                }
            }
        }
        return moved
    }
}
