/// The elements of a tensor in groups that share one norm: those that differ only in their places along the given axes.
struct NormGroups {
    /// The Euclidean norm of each group; none for a tensor without elements.
    let norms: [Float]
    /// For each axis, its size and how far one step along it moves in memory and in `norms` (0 for a reduced axis).
    private let axes: [(size: Int, stride: Int, groupStride: Int)]

    init(of tensor: Tensor, along axis: Constraint.Axis) throws(EngineError) {
        let dimensions = tensor.shape.dimensions
        let reduced = try Self.resolve(axis, rank: dimensions.count)
        var axes: [(size: Int, stride: Int, groupStride: Int)] = []
        var (stride, groups) = (1, 1)
        for index in dimensions.indices.reversed() {
            axes.append((dimensions[index], stride, reduced.contains(index) ? 0 : groups))
            stride *= dimensions[index]
            if !reduced.contains(index) { groups *= dimensions[index] }
        }
        self.axes = axes.reversed()
        norms = Self.sumsOfSquares(tensor.elements, groups: groups, axes: self.axes).map { $0.squareRoot() }
    }

    /// The group of the element at a row-major position.
    func group(of position: Int) -> Int { Self.group(of: position, in: axes) }

    private static func group(of position: Int, in axes: [(size: Int, stride: Int, groupStride: Int)]) -> Int {
        axes.reduce(0) { $0 + position / $1.stride % $1.size * $1.groupStride }
    }

    private static func sumsOfSquares(
        _ elements: [Float], groups: Int, axes: [(size: Int, stride: Int, groupStride: Int)]
    ) -> [Float] {
        // Before anything is allocated: an empty tensor's other axes may be of any size.
        guard !elements.isEmpty else { return [] }
        var sums = [Float](repeating: 0, count: groups)
        // The trailing axes that are reduced form runs in memory.
        let run = axes.reversed().prefix { $0.groupStride == 0 }.reduce(1) { $0 * $1.size }
        for start in stride(from: 0, to: elements.count, by: run) {
            let squares = elements[start..<start + run].map { $0 * $0 }
            sums[group(of: start, in: axes)] += PairwiseSum.of(squares)
        }
        return sums
    }

    /// The axes as indices from the front.
    private static func resolve(_ axis: Constraint.Axis, rank: Int) throws(EngineError) -> Set<Int> {
        let listed: [Int]
        switch axis {
        case .one(let axis): listed = [axis]
        case .many(let axes): listed = axes
        case .all: return Set(0..<rank)
        }
        var resolved: Set<Int> = []
        for axis in listed {
            guard (-rank..<rank).contains(axis) else {
                throw .invalidConfigValue(
                    path: ["axis"], message: "axis \(axis) is out of bounds for array of dimension \(rank)")
            }
            guard resolved.insert(axis < 0 ? axis + rank : axis).inserted else {
                throw .invalidConfigValue(path: ["axis"], message: "duplicate value in 'axis'")
            }
        }
        return resolved
    }
}
