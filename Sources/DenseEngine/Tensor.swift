/// A float32 array with a shape, stored row-major.
package struct Tensor: Hashable, Sendable {
    package let shape: Shape
    package let elements: [Float]

    /// - Throws: `EngineError.elementCountMismatch` when `elements` does not hold exactly what `shape` needs.
    package init(shape: Shape, elements: [Float]) throws(EngineError) {
        guard elements.count == shape.count else {
            throw .elementCountMismatch(shape: shape, received: elements.count)
        }
        self.shape = shape
        self.elements = elements
    }

    /// - Throws: as `Shape.init` and `init(shape:elements:)` do.
    package init(_ dimensions: [Int], _ elements: [Float]) throws(EngineError) {
        try self.init(shape: Shape(dimensions), elements: elements)
    }

    /// A tensor whose elements are written in place: `write` gets uninitialised memory for `shape.count` elements and
    /// must initialise every one of them.
    package init<E: Error>(
        shape: Shape, writing write: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        self.shape = shape
        // An array made with no capacity writes its count into the storage that all empty arrays share: a data race.
        guard shape.count > 0 else {
            unsafe try write(UnsafeMutableBufferPointer(start: nil, count: 0))
            elements = []
            return
        }
        var elements: [Float] = []
        try elements.append(addingCapacity: shape.count) { (span: inout OutputSpan<Float>) throws(E) in
            try unsafe span.withUnsafeMutableBufferPointer { (buffer, count) throws(E) in
                unsafe try write(UnsafeMutableBufferPointer(rebasing: buffer.prefix(shape.count)))
                count = shape.count
            }
        }
        self.elements = elements
    }
}
