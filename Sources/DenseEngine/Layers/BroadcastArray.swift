/// A small array read as if it had a larger shape: NumPy's broadcasting, where the axes are aligned at the end and axes
/// of size 1, or missing ones, repeat.
struct BroadcastArray {
    /// The small array's element for each element of the large shape's last axes; these repeat.
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
        period = indices.map { elements[$0] }
        each = target[end...].reduce(1, *)
    }

    /// `combine` of every element and its counterpart here.
    func map(_ elements: [Float], _ combine: (Float, Float) -> Float) -> [Float] {
        guard period.count > 1 else {
            return period.first.map { single in elements.map { combine($0, single) } } ?? elements
        }
        var result: [Float] = []
        result.reserveCapacity(elements.count)
        var start = 0
        while start < elements.count {
            for value in period {
                for element in elements[start..<start + each] { result.append(combine(element, value)) }
                start += each
            }
        }
        return result
    }
}
