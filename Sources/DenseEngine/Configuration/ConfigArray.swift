/// A number, or nested lists of numbers of one size, as some layer arguments allow: row-major, rank 0 for a bare number.
package struct ConfigArray: Hashable, Sendable {
    package let shape: Shape
    package let elements: [Double]

    /// A bare number.
    package init(_ number: Double) {
        self.shape = .scalar
        self.elements = [number]
    }

    /// - Throws: `EngineError.elementCountMismatch` when `elements` does not hold exactly what `shape` needs.
    package init(shape: Shape, elements: [Double]) throws(EngineError) {
        guard elements.count == shape.count else {
            throw .elementCountMismatch(shape: shape, received: elements.count)
        }
        self.shape = shape
        self.elements = elements
    }
}
