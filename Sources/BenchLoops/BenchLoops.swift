// Loops that only a benchmark needs, built for each instruction set as the kernels are, and like them reached through
// function pointers alone.

#if KERNELS_AVX512
private typealias Vector = SIMD16<Float>
#else
private typealias Vector = SIMD8<Float>
#endif

/// The float32 operations of one iteration of `multiplyAddLoop`: twelve vectors, a product and a sum in every lane.
package let multiplyAddOperations = 12 * 2 * Vector.scalarCount

/// Multiply-adds between registers, in as many chains as keep every unit busy, for a number of iterations. Returns
/// what depends on all of them.
package let multiplyAddLoop: @convention(c) @Sendable (_ iterations: Int, _ seed: Float) -> Float = {
    multiplyAdds($0, $1)
}

/// Reads memory `passes` times, its 1, 2, 4 or 8 equal parts at once, each in order: which number of streams is the
/// fastest depends on the cache. `count` bytes, a multiple of 4096. Returns what depends on all.
package let readLoop:
    @convention(c) @Sendable (_ start: UnsafeRawPointer, _ count: Int, _ streams: Int, _ passes: Int) -> Float = {
        switch $2 {
        case 1: unsafe reads(Streams<1>(), $0, $1, $3)
        case 2: unsafe reads(Streams<2>(), $0, $1, $3)
        case 4: unsafe reads(Streams<4>(), $0, $1, $3)
        default: unsafe reads(Streams<8>(), $0, $1, $3)
        }
    }

/// `output = max(output + bias, 0)` over rows: what a library's plain product lacks.
package let biasAndReLULoop:
    @convention(c) @Sendable (
        _ output: UnsafeMutablePointer<Float>, _ rows: Int, _ units: Int, _ bias: UnsafePointer<Float>
    ) -> Void = { unsafe biasAndReLU($0, $1, $2, $3) }

private func multiplyAdds(_ iterations: Int, _ seed: Float) -> Float {
    let (a, b) = (Vector(repeating: seed), Vector(repeating: 0.5))
    // All different, or they would be one.
    var (c0, c1, c2, c3) = (a, a + 1, a + 2, a + 3)
    var (c4, c5, c6, c7) = (a + 4, a + 5, a + 6, a + 7)
    var (c8, c9, c10, c11) = (a + 8, a + 9, a + 10, a + 11)
    for _ in 0..<iterations {
        c0.addProduct(a, b)
        c1.addProduct(a, b)
        c2.addProduct(a, b)
        c3.addProduct(a, b)
        c4.addProduct(a, b)
        c5.addProduct(a, b)
        c6.addProduct(a, b)
        c7.addProduct(a, b)
        c8.addProduct(a, b)
        c9.addProduct(a, b)
        c10.addProduct(a, b)
        c11.addProduct(a, b)
    }
    let sum = ((c0 + c1) + (c2 + c3)) + ((c4 + c5) + (c6 + c7)) + ((c8 + c9) + (c10 + c11))
    return total(sum)
}

/// Only says how many streams there are.
private struct Streams<let count: Int> {}

@inline(__always)
private func reads<let streams: Int>(
    _: Streams<streams>, _ start: UnsafeRawPointer, _ count: Int, _ passes: Int
) -> Float {
    let width = MemoryLayout<Vector>.size
    let part = count / streams
    // Eight sums, so that no addition waits for the one before.
    let run = 8 / streams
    var sums = InlineArray<8, Vector>(repeating: .zero)
    for _ in 0..<passes {
        var position = unsafe start
        let end = unsafe start + part
        while unsafe position < end {
            for stream in 0..<streams {
                for index in 0..<run {
                    let place = unsafe position + (stream &* part &+ index &* width)
                    sums[stream &* run &+ index] += unsafe place.loadUnaligned(as: Vector.self)
                }
            }
            unsafe position += run &* width
        }
    }
    var sum = Vector.zero
    for index in 0..<8 { sum += sums[index] }
    return total(sum)
}

@inline(__always)
private func total(_ vector: Vector) -> Float {
    var sum: Float = 0
    for index in 0..<Vector.scalarCount { sum += vector[index] }
    return sum
}

private func biasAndReLU(
    _ output: UnsafeMutablePointer<Float>, _ rows: Int, _ units: Int, _ bias: UnsafePointer<Float>
) {
    let width = Vector.scalarCount
    for row in 0..<rows {
        let start = unsafe output + row &* units
        var unit = 0
        while unit &+ width <= units {
            let place = unsafe UnsafeMutableRawPointer(start + unit)
            let sum =
                unsafe place.loadUnaligned(as: Vector.self)
                + UnsafeRawPointer(bias + unit).loadUnaligned(as: Vector.self)
            unsafe place.storeBytes(of: sum.replacing(with: Vector.zero, where: sum .<= Vector.zero), as: Vector.self)
            unit &+= width
        }
        while unit < units {
            let sum = unsafe start[unit] + bias[unit]
            unsafe start[unit] = sum <= 0 ? 0 : sum
            unit &+= 1
        }
    }
}
