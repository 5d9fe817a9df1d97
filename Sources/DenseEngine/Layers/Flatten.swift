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
        let shape = try outputShape(for: input.shape)
        guard let channels = movedChannels(of: input.shape) else {
            return try input.reshaped(to: shape)
        }
        if let doubles = input.doubles {
            let moved = Self.movedChannels(channels, doubles, itemCount: shape.dimensions[1])
            return try Tensor(shape: shape, doubles: moved)
        }
        return unsafe Tensor(shape: shape, type: input.type) { (output: UnsafeMutableBufferPointer<Float>) in
            unsafe input.withElements { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                unsafe Self.moveChannels(
                    channels, from: source, to: target, items: shape.dimensions[0], itemCount: shape.dimensions[1])
            }
        }
    }

    /// The size of axis 1 where it is moved behind the others; `nil` where the elements stay as they are.
    func movedChannels(of shape: Shape) -> Int? {
        guard dataFormat == .channelsFirst, shape.rank > 2, shape.count > 0 else { return nil }
        return shape.dimensions[1]
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

    /// `[items, channels, rest]` to `[items, rest, channels]`.
    private static func movedChannels(_ channels: Int, _ source: [Double], itemCount: Int) -> [Double] {
        let rest = itemCount / channels
        return source.indices.map { index in
            let (item, place) = index.quotientAndRemainder(dividingBy: itemCount)
            let (position, channel) = place.quotientAndRemainder(dividingBy: channels)
            return source[item * itemCount + channel * rest + position]
        }
    }

    /// `[items, channels, rest]` to `[items, rest, channels]`.
    ///
    /// - Parameter itemCount: the elements of one item, more than none.
    static func moveChannels(
        _ channels: Int, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, items: Int,
        itemCount: Int
    ) {
        let rest = itemCount / channels
        for item in 0..<items {
            let (planes, pixels) = unsafe (source + item * itemCount, target + item * itemCount)
            for position in 0..<rest {
                for channel in 0..<channels {
                    unsafe pixels[position * channels + channel] = planes[channel * rest + position]
                }
            }
        }
    }
}
