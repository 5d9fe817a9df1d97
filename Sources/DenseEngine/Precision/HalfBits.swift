/// Numbers of 16 bits as bits, which float32 holds exactly.
extension DType {
    /// The value of float16's bits.
    @inlinable package static func float(float16 bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF) << 13
        if magnitude >= 0x0F80_0000 {
            return Float(bitPattern: sign | 0x7F80_0000 | magnitude)
        }
        // The exponents' biases differ by 112. The product is exact for subnormals, too.
        let value = Float(bitPattern: magnitude) * 0x1p112
        return Float(bitPattern: sign | value.bitPattern)
    }

    /// The bits of the nearest float16.
    @inlinable package static func float16Bits(_ value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        let bits: UInt32
        if magnitude > 0x7F80_0000 {
            bits = 0x7E00 | magnitude >> 13 & 0x3FF
        } else if magnitude >= 0x477F_F000 {
            // 65520, half-way between the largest float16 and what would be the next, and more.
            bits = 0x7C00
        } else if magnitude < 0x3880_0000 {
            // Below 2^-14: adding 0.5 leaves the bits of a subnormal float16 at the end of the significand, rounded.
            bits = (Float(bitPattern: magnitude) + 0.5).bitPattern - Float(0.5).bitPattern
        } else {
            bits = (magnitude - 112 << 23 + 0xFFF + (magnitude >> 13 & 1)) >> 13
        }
        return sign | UInt16(truncatingIfNeeded: bits)
    }

    /// The value of bfloat16's bits.
    @inlinable package static func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The bits of the nearest bfloat16.
    @inlinable package static func bfloat16Bits(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }

    /// The bits of a value of a 16-bit type.
    func bits(of value: Float) -> UInt16 { self == .float16 ? Self.float16Bits(value) : Self.bfloat16Bits(value) }
}
