import Glibc

/// The numbers of TensorFlow's `stateless_uniform` and `stateless_normal` for a seed of `[seed, 0]`, as Keras's tensorflow
/// backend draws them: each group of four from its position alone.
///
/// Source: `tensorflow/core/kernels/stateless_random_ops.cc`, `core/lib/random/{philox_random,random_distributions}.h`;
/// Salmon and others, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011). The normals are libm's `logf`, `sinf` and `cosf`,
/// there as here: their last bits are those of the C library.
struct PhiloxArrays {
    private typealias Block = SIMD4<UInt32>

    private let key: SIMD2<UInt32>
    private let counter: Block

    init(seed: Int) {
        // Keras takes the seed modulo int32.max - 1, as Python does, so that it is not negative.
        let modulus = Int(Int32.max) - 1
        let word = UInt32((seed % modulus + modulus) % modulus)
        // The seed itself is not the key, so that similar seeds have nothing in common.
        let mixed = Self.encrypt(Block(word, 0, 0, 0), key: [0x3EC8_F720, 0x0246_1E29])
        key = [mixed[0], mixed[1]]
        counter = Block(0, 0, mixed[2], mixed[3])
    }

    func draw(_ distribution: RandomDistribution, _ shape: Shape) -> Tensor {
        switch distribution {
        case .uniform(let minimum, let maximum):
            let (low, high) = (Float(minimum), Float(maximum))
            return fill(shape) { group in
                let bits = block(group)
                let unit = SIMD4(Self.unit(bits[0]), Self.unit(bits[1]), Self.unit(bits[2]), Self.unit(bits[3]))
                return unit * (high - low) + low
            }
        case .normal(let mean, let stddev):
            return fill(shape) { group in
                let bits = block(group)
                let (first, second) = (Self.normals(bits[0], bits[1]), Self.normals(bits[2], bits[3]))
                return SIMD4(first.0, first.1, second.0, second.1) * Float(stddev) + Float(mean)
            }
        case .truncatedNormal(let mean, let stddev):
            return fill(shape) { group in truncatedNormals(group) * Float(stddev) + Float(mean) }
        }
    }

    private func fill(_ shape: Shape, _ values: (UInt64) -> SIMD4<Float>) -> Tensor {
        unsafe Tensor(shape: shape) { elements in
            for start in stride(from: 0, to: elements.count, by: 4) {
                let group = values(UInt64(start / 4))
                for index in start..<min(start + 4, elements.count) {
                    unsafe elements.initializeElement(at: index, to: group[index - start])
                }
            }
        }
    }

    private static func unit(_ bits: UInt32) -> Float { Float(unitBits: bits & 0x007f_ffff) }

    /// Two normals of two words, by Box and Muller.
    private static func normals(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
        let radius = (-2 * logf(max(unit(first), 1e-7))).squareRoot()
        let angle = Float(2 * Double.pi * Double(unit(second)))
        return (sinf(angle) * radius, cosf(angle) * radius)
    }

    /// The first four between -2 and 2 of what follows from a place of the group's own.
    private func truncatedNormals(_ group: UInt64) -> SIMD4<Float> {
        var found = SIMD4<Float>()
        var count = 0
        var position = group &* 256
        while true {
            let bits = block(position)
            position &+= 1
            let (first, second) = (Self.normals(bits[0], bits[1]), Self.normals(bits[2], bits[3]))
            let values = SIMD4(first.0, first.1, second.0, second.1)
            for index in 0..<4 where abs(values[index]) < 2 {
                found[count] = values[index]
                count += 1
                if count == 4 { return found }
            }
        }
    }

    private func block(_ position: UInt64) -> Block {
        // The counter is one number of 128 bits.
        let low = UInt64(counter[0]) | UInt64(counter[1]) << 32
        let (sum, overflow) = low.addingReportingOverflow(position)
        let high = (UInt64(counter[2]) | UInt64(counter[3]) << 32) &+ (overflow ? 1 : 0)
        let words = SIMD4<UInt64>(sum, sum >> 32, high, high >> 32)
        return Self.encrypt(Block(truncatingIfNeeded: words), key: key)
    }

    /// Philox 4x32 of ten rounds.
    private static func encrypt(_ counter: Block, key: SIMD2<UInt32>) -> Block {
        var (block, key) = (counter, key)
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) * UInt64(block[0])
            let second = UInt64(0xCD9E_8D57) * UInt64(block[2])
            block = Block(
                UInt32(truncatingIfNeeded: second >> 32) ^ block[1] ^ key[0], UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ block[3] ^ key[1], UInt32(truncatingIfNeeded: first))
            key = key &+ [0x9E37_79B9, 0xBB67_AE85]
        }
        return block
    }
}
