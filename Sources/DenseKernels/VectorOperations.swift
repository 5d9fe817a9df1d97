internal import CVectors

// The arithmetic of `Lanes` and `LaneBits`, as single vector operations (see CVectors.h). Within this module these are
// preferred to the standard library's operators, which are generic.

@inline(__always)
func + (a: Lanes, b: Lanes) -> Lanes { vector_add(a, b) }

@inline(__always)
func - (a: Lanes, b: Lanes) -> Lanes { vector_subtract(a, b) }

@inline(__always)
func * (a: Lanes, b: Lanes) -> Lanes { vector_multiply(a, b) }

@inline(__always)
func / (a: Lanes, b: Lanes) -> Lanes { vector_divide(a, b) }

@inline(__always)
func + (a: Lanes, b: Float) -> Lanes { vector_add(a, Lanes(repeating: b)) }

@inline(__always)
func - (a: Lanes, b: Float) -> Lanes { vector_subtract(a, Lanes(repeating: b)) }

@inline(__always)
func * (a: Lanes, b: Float) -> Lanes { vector_multiply(a, Lanes(repeating: b)) }

@inline(__always)
func / (a: Lanes, b: Float) -> Lanes { vector_divide(a, Lanes(repeating: b)) }

@inline(__always)
func + (a: Float, b: Lanes) -> Lanes { vector_add(Lanes(repeating: a), b) }

@inline(__always)
func - (a: Float, b: Lanes) -> Lanes { vector_subtract(Lanes(repeating: a), b) }

@inline(__always)
func * (a: Float, b: Lanes) -> Lanes { vector_multiply(Lanes(repeating: a), b) }

@inline(__always)
func / (a: Float, b: Lanes) -> Lanes { vector_divide(Lanes(repeating: a), b) }

@inline(__always)
func += (a: inout Lanes, b: Lanes) { a = vector_add(a, b) }

/// `a * b + c`, rounded once.
@inline(__always)
func fma(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { vector_fma(a, b, c) }

@inline(__always)
func fma(_ a: Lanes, _ b: Lanes, _ c: Float) -> Lanes { vector_fma(a, b, Lanes(repeating: c)) }

@inline(__always)
func fma(_ a: Lanes, _ b: Float, _ c: Lanes) -> Lanes { vector_fma(a, Lanes(repeating: b), c) }

/// Per lane `mask ? yes : no`.
@inline(__always)
func select(_ mask: LaneMask, _ yes: Lanes, _ no: Lanes) -> Lanes { vector_select(bits(mask), yes, no) }

extension Lanes {
    @inline(__always)
    func replacing(with other: Lanes, where mask: LaneMask) -> Lanes { select(mask, other, self) }
}

@inline(__always)
func .& (a: LaneMask, b: LaneMask) -> LaneMask { mask(vector_and(bits(a), bits(b))) }

@inline(__always)
func .| (a: LaneMask, b: LaneMask) -> LaneMask { mask(vector_or(bits(a), bits(b))) }

@inline(__always)
func bits(_ mask: LaneMask) -> LaneBits { unsafe unsafeBitCast(mask, to: LaneBits.self) }

@inline(__always)
private func mask(_ bits: LaneBits) -> LaneMask { unsafe unsafeBitCast(bits, to: LaneMask.self) }

@inline(__always)
func &+ (a: LaneBits, b: LaneBits) -> LaneBits { vector_add_bits(a, b) }

@inline(__always)
func &+ (a: LaneBits, b: Int32) -> LaneBits { vector_add_bits(a, LaneBits(repeating: b)) }

@inline(__always)
func &- (a: LaneBits, b: LaneBits) -> LaneBits { vector_subtract_bits(a, b) }

@inline(__always)
func &- (a: LaneBits, b: Int32) -> LaneBits { vector_subtract_bits(a, LaneBits(repeating: b)) }

@inline(__always)
func &- (a: Int32, b: LaneBits) -> LaneBits { vector_subtract_bits(LaneBits(repeating: a), b) }

@inline(__always)
func & (a: LaneBits, b: LaneBits) -> LaneBits { vector_and(a, b) }

@inline(__always)
func & (a: LaneBits, b: Int32) -> LaneBits { vector_and(a, LaneBits(repeating: b)) }

@inline(__always)
func | (a: LaneBits, b: LaneBits) -> LaneBits { vector_or(a, b) }

@inline(__always)
func ^ (a: LaneBits, b: LaneBits) -> LaneBits { vector_exclusive_or(a, b) }

@inline(__always)
func &<< (a: LaneBits, count: Int32) -> LaneBits { vector_shift_left(a, count) }

@inline(__always)
func &>> (a: LaneBits, count: Int32) -> LaneBits { vector_shift_right(a, count) }
