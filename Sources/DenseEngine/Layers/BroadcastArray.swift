/// A small array read as if it had a larger shape: NumPy's broadcasting, where the axes are aligned at the end and axes
/// of size 1, or missing ones, repeat.
struct BroadcastArray {
    private let elements: [Float]
    /// How many elements of the large shape share one element, and after how many the elements repeat: enough when
    /// only one run of axes varies.
    private let map: Map

    private enum Map {
        case run(each: Int, count: Int)
        /// The general case: for every element of the large shape's trailing axes, the element here.
        case table([Int])
    }

    /// `nil` when the shapes do not broadcast, or the result would be larger than `large`.
    init?(_ elements: [Float], shape: [Int], to large: Shape) {
        guard shape.count <= large.rank else { return nil }
        let target = large.dimensions.suffix(shape.count)
        guard zip(shape, target).allSatisfy({ $0 == 1 || $0 == $1 }) else { return nil }
        self.elements = elements
        if elements.count == 1 {
            map = .run(each: 1, count: 1)
        } else if let run = Self.run(shape, in: large) {
            map = run
        } else {
            map = .table(Self.table(shape, Array(target)))
        }
    }

    /// The element that stands at `index` of the large shape, counted row-major.
    subscript(index: Int) -> Float {
        switch map {
        case .run(let each, let count): elements[index / each % count]
        case .table(let table): elements[table[index % table.count]]
        }
    }

    /// Axes that vary stand together: `[1, 3, 1]`.
    private static func run(_ shape: [Int], in large: Shape) -> Map? {
        guard let first = shape.firstIndex(where: { $0 != 1 }), let last = shape.lastIndex(where: { $0 != 1 })
        else { return nil }
        let trailing = shape.count - 1 - last
        let target = large.dimensions.suffix(shape.count)
        guard shape[first...last].elementsEqual(target.dropFirst(first).dropLast(trailing)) else { return nil }
        let each = target.suffix(trailing).reduce(1, *)
        let count = shape[first...last].reduce(1, *)
        return each > 0 && count > 0 ? .run(each: each, count: count) : nil
    }

    private static func table(_ shape: [Int], _ target: [Int]) -> [Int] {
        var table = [0]
        for (size, targetSize) in zip(shape, target) {
            table = table.flatMap { base in
                (0..<targetSize).map { base * size + (size == 1 ? 0 : $0) }
            }
        }
        return table
    }
}
