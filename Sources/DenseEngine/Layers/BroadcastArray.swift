/// A small array read as if it had a larger shape: NumPy's broadcasting, where the axes are aligned at the end and axes
/// of size 1, or missing ones, repeat.
struct BroadcastArray: Sendable {
    /// What is done with an element and its counterpart here.
    enum Operation: Sendable {
        case add, subtract, multiply, divide
        /// `relu(x) - a * relu(-x)`
        case rectify
    }

    /// The small array's element for each element of the large shape's last axes; these repeat. A short one without
    /// neighbours that share is written out several times, so that it is worth a vector loop.
    private let period: [Float]
    /// How many neighbours in the large shape share one element of `period`.
    private let each: Int

    /// `nil` when the shapes do not broadcast, or the result would be larger than `large`.
    init?(_ elements: [Float], shape: [Int], to large: Shape) {
        guard shape.count <= large.rank else { return nil }
        let target = Array(large.dimensions.suffix(shape.count))
        guard zip(shape, target).allSatisfy({ $0 == 1 || $0 == $1 }) else { return nil }
        // Outer axes of size 1 only repeat, inner ones are shared by neighbours; the axes between are spelled out.
        let first = shape.firstIndex { $0 != 1 } ?? shape.count
        let end = (shape.lastIndex { $0 != 1 } ?? first - 1) + 1
        var indices = [0]
        for axis in first..<end {
            indices = indices.flatMap { base in
                (0..<target[axis]).map { base * shape[axis] + (shape[axis] == 1 ? 0 : $0) }
            }
        }
        each = target[end...].reduce(1, *)
        let once = indices.map { elements[$0] }
        let isShort = each == 1 && once.count > 1 && once.count < Self.vectorLoop
        period = isShort ? Array(repeatElement(once, count: Self.vectorLoop / once.count).joined()) : once
    }

    private static let vectorLoop = 256

    /// Changes values in place.
    ///
    /// - Parameter values: whole repetitions of the broadcast axes, from the start of one.
    func apply(_ operation: Operation, to values: UnsafeMutableBufferPointer<Float>) {
        switch operation {
        case .add: unsafe combine(values) { $0 + $1 }
        case .subtract: unsafe combine(values) { $0 - $1 }
        case .multiply: unsafe combine(values) { $0 * $1 }
        case .divide: unsafe combine(values) { $0 / $1 }
        // NaN stays NaN.
        case .rectify: unsafe combine(values) { ($0 < 0 ? 0 : $0) + -$1 * ($0 > 0 ? 0 : -$0) }
        }
    }

    @inline(__always)
    private func combine(_ values: UnsafeMutableBufferPointer<Float>, _ combine: (Float, Float) -> Float) {
        guard let start = values.baseAddress, values.count > 0 else { return }
        unsafe period.withUnsafeBufferPointer { period in
            guard let repeated = period.baseAddress, each > 0 else { return }
            if period.count == 1 {
                let single = unsafe repeated[0]
                for index in 0..<values.count { unsafe start[index] = combine(start[index], single) }
                return
            }
            var position = 0
            while position < values.count {
                let block = unsafe start + position
                if each == 1 {
                    let count = min(period.count, values.count - position)
                    for index in 0..<count { unsafe block[index] = combine(block[index], repeated[index]) }
                } else {
                    for group in 0..<period.count {
                        let (neighbours, value) = unsafe (block + group * each, repeated[group])
                        for index in 0..<each { unsafe neighbours[index] = combine(neighbours[index], value) }
                    }
                }
                position += period.count * each
            }
        }
    }
}

/// A broadcast array and what is done with it.
struct BroadcastStep: Sendable {
    let operation: BroadcastArray.Operation
    let array: BroadcastArray
    /// What the results are rounded to.
    var type = DType.float32

    /// Changes values in place; see `BroadcastArray.apply`.
    func apply(to values: UnsafeMutableBufferPointer<Float>) {
        unsafe array.apply(operation, to: values)
        if let start = values.baseAddress { unsafe type.round(start, count: values.count) }
    }
}

extension Tensor {
    /// The tensor after some broadcast operations, one after the other.
    func applying(_ steps: [BroadcastStep]) -> Tensor {
        unsafe Tensor(shape: shape) { (output: UnsafeMutableBufferPointer<Float>) in
            unsafe _ = output.initialize(from: elements)
            for step in steps { unsafe step.apply(to: output) }
        }
    }
}
