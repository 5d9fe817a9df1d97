/// An array with a shape, stored row-major: of float32, or of another floating-point type.
package struct Tensor: Sendable {
    package let shape: Shape
    /// Empty where they are lent.
    @usableFromInline let own: [Float]
    @usableFromInline let lent: LentElements?
    /// The elements of a float64 tensor; `nil` of any other.
    package let doubles: [Double]?
    /// The type that all elements are values of.
    package let type: DType

    /// The elements in an array of their own: a copy, where they are lent. Of a float64 tensor the nearest float32 to each.
    @inlinable package var elements: [Float] {
        if let lent { return lent.elements }
        return own
    }

    /// - Parameter type: of which all `elements` must be values; not float64.
    /// - Throws: `EngineError.elementCountMismatch` when `elements` does not hold exactly what `shape` needs.
    package init(shape: Shape, elements: [Float], type: DType = .float32) throws(EngineError) {
        guard elements.count == shape.count else {
            throw .elementCountMismatch(shape: shape, received: elements.count)
        }
        precondition(type != .float64, "a float64 tensor is made of doubles")
        self.shape = shape
        self.own = elements
        self.lent = nil
        self.doubles = nil
        self.type = type
    }

    /// A tensor of float32 octets that stay where they are; nil where they cannot be used there.
    ///
    /// - Parameters:
    ///   - octets: as many as `shape` needs.
    ///   - lender: whoever keeps them as they are while it is referred to.
    package init?(shape: Shape, octets: UnsafeRawBufferPointer, of lender: any AnyObject & Sendable) {
        guard octets.count / MemoryLayout<Float>.stride == shape.count,
            let lent = unsafe LentElements(octets, of: lender)
        else { return nil }
        self.shape = shape
        self.own = []
        self.lent = lent
        self.doubles = nil
        self.type = .float32
    }

    /// - Throws: as `Shape.init` and `init(shape:elements:)` do.
    package init(_ dimensions: [Int], _ elements: [Float]) throws(EngineError) {
        try self.init(shape: Shape(dimensions), elements: elements)
    }

    /// A tensor of float64.
    ///
    /// - Throws: `EngineError.elementCountMismatch` when `doubles` does not hold exactly what `shape` needs.
    package init(shape: Shape, doubles: [Double]) throws(EngineError) {
        guard doubles.count == shape.count else {
            throw .elementCountMismatch(shape: shape, received: doubles.count)
        }
        self.shape = shape
        self.own = doubles.map { Float($0) }
        self.lent = nil
        self.doubles = doubles
        self.type = .float64
    }

    /// A tensor whose elements are written in place: `write` gets uninitialised memory for `shape.count` elements and
    /// must initialise every one of them.
    ///
    /// - Parameter type: of which all elements must be values; not float64.
    package init<E: Error>(
        shape: Shape, type: DType = .float32, writing write: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        precondition(type != .float64, "a float64 tensor is made of doubles")
        self.shape = shape
        self.lent = nil
        self.doubles = nil
        self.type = type
        // An array made with no capacity writes its count into the storage that all empty arrays share: a data race.
        guard shape.count > 0 else {
            unsafe try write(UnsafeMutableBufferPointer(start: nil, count: 0))
            own = []
            return
        }
        var elements: [Float] = []
        try elements.append(addingCapacity: shape.count) { (span: inout OutputSpan<Float>) throws(E) in
            try unsafe span.withUnsafeMutableBufferPointer { (buffer, count) throws(E) in
                unsafe try write(UnsafeMutableBufferPointer(rebasing: buffer.prefix(shape.count)))
                count = shape.count
            }
        }
        self.own = elements
    }

    /// The same elements under another type, of which all of them are values, and another shape of as many.
    private init(_ tensor: Tensor, shape: Shape, type: DType) {
        self.shape = shape
        self.own = tensor.own
        self.lent = tensor.lent
        self.doubles = type == .float64 ? tensor.doubles : nil
        self.type = type
    }
}

extension Tensor: Hashable {
    package static func == (one: Tensor, other: Tensor) -> Bool {
        one.type == other.type && one.shape == other.shape && one.doubles == other.doubles
            && one.elements == other.elements
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        hasher.combine(shape)
        hasher.combine(elements)
    }
}

extension Tensor {
    /// Shows the elements where they lie.
    package func withElements<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let lent { return try unsafe lent.withElements(body) }
        return try unsafe own.withUnsafeBufferPointer(body)
    }

    /// The tensor with each element rounded once to another type, to the nearest value with ties to even.
    package func cast(to type: DType) -> Tensor {
        guard type != self.type else { return self }
        switch type {
        case .float32: return Tensor(self, shape: shape, type: .float32)
        case .float64:
            guard let tensor = try? Tensor(shape: shape, doubles: elements.map { Double($0) }) else {
                preconditionFailure("there are as many elements as before")
            }
            return tensor
        case .float16, .bfloat16:
            return unsafe Tensor(shape: shape, type: type) { (output: UnsafeMutableBufferPointer<Float>) in
                if let doubles {
                    for (index, value) in doubles.enumerated() {
                        unsafe output.initializeElement(at: index, to: type.rounded(value))
                    }
                } else {
                    unsafe _ = withElements { unsafe output.initialize(from: $0) }
                    if let start = output.baseAddress { unsafe type.round(start, count: output.count) }
                }
            }
        }
    }

    /// The same elements in another shape.
    ///
    /// - Throws: `EngineError.elementCountMismatch` when it needs more or fewer.
    package func reshaped(to shape: Shape) throws(EngineError) -> Tensor {
        guard shape.count == self.shape.count else {
            throw .elementCountMismatch(shape: shape, received: self.shape.count)
        }
        return Tensor(self, shape: shape, type: type)
    }

    /// The elements as float64, exactly.
    package var asDoubles: [Double] { doubles ?? elements.map { Double($0) } }
}
