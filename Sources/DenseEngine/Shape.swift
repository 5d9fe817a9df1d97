/// The sizes of a tensor's axes, outermost first. Every axis is zero or more, and the product fits an `Int`.
package struct Shape: Hashable, Sendable {
    package let dimensions: [Int]

    /// The number of elements: the product of the dimensions, 1 for rank 0.
    package let count: Int

    /// - Throws: `EngineError.invalidShape` when a dimension is negative or the element count does not fit an `Int`.
    package init(_ dimensions: [Int]) throws(EngineError) {
        var count = 1
        // Dimensions after a zero count too, so that [0, huge, huge] is refused as [huge, huge] is.
        var product = 1
        for dimension in dimensions {
            guard dimension >= 0 else { throw .invalidShape(dimensions) }
            let (bounded, overflow) = product.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { throw .invalidShape(dimensions) }
            product = bounded
            count *= dimension
        }
        self.dimensions = dimensions
        self.count = count
    }

    /// Rank 0: one element, no axes.
    package static let scalar = Shape()

    private init() {
        dimensions = []
        count = 1
    }

    package var rank: Int { dimensions.count }

    /// The size of the last axis; 1 for rank 0.
    package var lastAxis: Int { dimensions.last ?? 1 }

    /// The number of rows when all axes but the last are flattened into one: `[2, 3, 4]` has 6 rows of 4.
    package var rowCount: Int { dimensions.dropLast().reduce(1, *) }

    /// The same shape with another last axis, as a `Dense` layer gives it.
    ///
    /// - Throws: `EngineError.invalidShape` when the new element count does not fit an `Int`.
    package func replacingLastAxis(with size: Int) throws(EngineError) -> Shape {
        var dimensions = dimensions
        guard !dimensions.isEmpty else { return try Shape([size]) }
        dimensions[dimensions.count - 1] = size
        return try Shape(dimensions)
    }
}

extension Shape: CustomStringConvertible {
    /// Python's tuple form, as Keras's messages print it: `(2, 3)`, `(3,)`, `()`.
    package var description: String {
        dimensions.count == 1
            ? "(\(dimensions[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
    }
}
