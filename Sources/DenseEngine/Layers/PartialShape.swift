/// What is known of a tensor's shape before there is a tensor: some sizes may be any, and so may the number of axes.
/// `Sequential` threads it through its layers to find the shapes of weights that are to be made.
struct PartialShape: Hashable, Sendable {
    /// Batch axis first; `nil` stands for any size.
    var dimensions: [Int?]
    /// More axes may stand between the first and the last, as `Dense` allows. Only with two `dimensions`.
    var isRankFree: Bool

    init(_ dimensions: [Int?]) {
        self.dimensions = dimensions
        self.isRankFree = false
    }

    private init(freeBefore lastAxis: Int?) {
        self.dimensions = [nil, lastAxis]
        self.isRankFree = true
    }

    /// Two axes or more, of any size.
    static let unknown = PartialShape(freeBefore: nil)

    /// Two axes or more, of which the last is known.
    static func lastAxis(_ size: Int) -> PartialShape { PartialShape(freeBefore: size) }

    /// The size of the last axis when it is known; 1 for rank 0.
    var lastAxis: Int? { dimensions.isEmpty ? 1 : dimensions[dimensions.count - 1] }

    var isUnknown: Bool { self == .unknown }

    func replacingLastAxis(with size: Int?) -> PartialShape {
        var shape = self
        guard !dimensions.isEmpty else { return shape }
        shape.dimensions[dimensions.count - 1] = size
        return shape
    }

    /// The position of an axis that may be counted from the end; `nil` when the shape does not say which it is.
    func position(of axis: Int) -> Int? {
        if isRankFree { return axis == -1 ? 1 : axis == 0 ? 0 : nil }
        let position = axis < 0 ? axis + dimensions.count : axis
        return dimensions.indices.contains(position) ? position : nil
    }

    /// The sizes both shapes know; where both know one, this shape's counts. Shapes of different rank do not mix.
    func filled(from other: [Int?]) -> PartialShape {
        if isRankFree {
            var shape = PartialShape(other)
            if let lastAxis, !other.isEmpty { shape.dimensions[other.count - 1] = lastAxis }
            return shape
        }
        guard other.count == dimensions.count else { return self }
        return PartialShape(zip(dimensions, other).map { $0 ?? $1 })
    }
}
