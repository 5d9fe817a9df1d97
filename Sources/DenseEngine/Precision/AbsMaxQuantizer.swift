/// Keras's `AbsMaxQuantizer` (keras/src/quantizers/quantizers.py): `round(x * high / (max |x| + epsilon))`, but `low` at
/// least and `high` at most.
package struct AbsMaxQuantizer: Hashable, Sendable {
    /// Within -128...127, `low` 0 or less and `high` more.
    package var low: Int
    package var high: Int
    package var epsilon: Double
    /// The axes the maximum is of, if the quantizer says. Where it is used decides it otherwise.
    package var axes: [Int]?

    /// Keras's defaults.
    package init(low: Int = -127, high: Int = 127, epsilon: Double = 1e-7, axes: [Int]? = nil) {
        self.low = low
        self.high = high
        self.epsilon = epsilon
        self.axes = axes
    }

    /// Quantizes each column of a kernel by itself, in Keras's order of operations and types (float32).
    ///
    /// - Parameter kernel: `[inputDimension, units]`
    /// - Returns: the integers as `kernel` lies, and for each unit what its weights were multiplied by. A weight that is NaN
    ///   becomes 0.
    func quantizeColumns(of kernel: Tensor) -> (integers: [Int8], scales: [Float]) {
        let (low, high) = (Float(low), Float(high))
        let units = kernel.shape.lastAxis
        let rows = kernel.shape.rowCount
        var maxima = [Float](repeating: 0, count: units)
        for row in 0..<rows {
            for unit in 0..<units {
                let magnitude = abs(kernel.elements[row * units + unit])
                if magnitude > maxima[unit] || magnitude.isNaN { maxima[unit] = magnitude }
            }
        }
        let scales = maxima.map { high / ($0 + Float(epsilon)) }
        var integers = [Int8](repeating: 0, count: kernel.elements.count)
        for row in 0..<rows {
            for unit in 0..<units {
                let scaled = (kernel.elements[row * units + unit] * scales[unit]).rounded(.toNearestOrEven)
                guard !scaled.isNaN else { continue }
                integers[row * units + unit] = Int8(min(max(scaled, low), high))
            }
        }
        return (integers, scales)
    }
}
