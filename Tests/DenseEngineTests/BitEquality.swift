import DenseEngine
import Testing

/// Where two results first differ in a bit, `nil` when nowhere. All NaNs count as the same, +0 and -0 do not.
func firstDifference(_ left: [Float], _ right: [Float]) -> Int? {
    guard left.count == right.count else { return min(left.count, right.count) }
    return left.indices.first { index in
        left[index].bitPattern != right[index].bitPattern && !(left[index].isNaN && right[index].isNaN)
    }
}

/// Repeatable numbers of both signs and mixed magnitudes, so that the order of additions shows in the last bits.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    mutating func float() -> Float {
        Float(Int64(truncatingIfNeeded: next() >> 40) - (1 << 23)) / Float(1 << 20)
    }

    mutating func tensor(_ dimensions: [Int]) throws -> Tensor {
        let shape = try Shape(dimensions)
        var elements: [Float] = []
        elements.reserveCapacity(shape.count)
        for _ in 0..<shape.count { elements.append(float()) }
        return try Tensor(shape: shape, elements: elements)
    }
}

@Suite("The comparer of bits")
struct BitEqualityTests {
    @Test("a single changed bit is found, wherever it is", arguments: [0, 1, 15, 16, 99])
    func changedBit(index: Int) {
        let numbers = [Float](repeating: 0.1, count: 100)
        var changed = numbers
        changed[index] = changed[index].nextUp
        #expect(firstDifference(numbers, changed) == index)
    }

    @Test("signs of zero differ, NaNs do not, and a missing element is a difference")
    func specials() {
        #expect(firstDifference([0], [-0.0]) == 0)
        #expect(firstDifference([.nan], [-.nan]) == nil)
        #expect(firstDifference([.nan], [1]) == 0)
        #expect(firstDifference([1, 2], [1]) == 1)
        #expect(firstDifference([1, 2], [1, 2]) == nil)
    }
}
