internal import Glibc

/// Floats in memory of their own, filled and compared at full speed in debug builds too.
@safe package final class Numbers: @unchecked Sendable {
    nonisolated(unsafe) package let start: UnsafeMutablePointer<Float>
    package let count: Int

    /// Memory that holds a NaN everywhere, so that a place nobody writes is found.
    package init(count: Int) {
        self.count = count
        unsafe start = .allocate(capacity: max(count, 1))
        unsafe start.initialize(repeating: .nan, count: max(count, 1))
    }

    /// Repeatable numbers of both signs and mixed magnitudes, so that the order of additions shows in the last bits.
    package convenience init(count: Int, seed: UInt64) {
        self.init(count: count)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for index in 0..<count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            unsafe start[index] = Float(Int64(truncatingIfNeeded: state >> 40) - (1 << 23)) / Float(1 << 20)
        }
    }

    /// These values.
    package convenience init(_ elements: [Float]) {
        self.init(count: elements.count)
        for (index, element) in elements.enumerated() { unsafe start[index] = element }
    }

    deinit { unsafe start.deallocate() }

    package var elements: [Float] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

    /// Forgets the first values.
    package func clear(_ count: Int) {
        unsafe start.update(repeating: .nan, count: min(count, self.count))
    }

    /// Puts 0 for what is less, and for -0.
    package func clampAtZero() {
        for index in 0..<count where unsafe start[index] <= 0 { unsafe start[index] = 0 }
    }

    /// These values again and again, `count` in all.
    package func repeated(count: Int) -> Numbers {
        let numbers = Numbers(count: count)
        for index in 0..<count { unsafe numbers.start[index] = start[index % self.count] }
        return numbers
    }

    /// Where the first values differ in a bit from others, which repeat; `nil` when nowhere.
    package func firstDifference(from others: Numbers, count: Int) -> Int? {
        for first in stride(from: 0, to: count, by: others.count) {
            let length = min(others.count, count - first)
            guard unsafe memcmp(start + first, others.start, length * MemoryLayout<Float>.stride) != 0 else { continue }
            return (first..<first + length).first { index in
                unsafe start[index].bitPattern != others.start[index - first].bitPattern
            }
        }
        return nil
    }
}
