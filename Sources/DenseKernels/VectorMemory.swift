/// 16 values from memory of any alignment.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>) -> Lanes {
    unsafe UnsafeRawPointer(values).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(values).storeBytes(of: lanes, as: Lanes.self)
}

/// The first `count` of 16 values, 0 to 15 of them; the other lanes hold `padding`. In pieces of 8, 4, 2 and 1, put
/// together in registers.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>, _ count: Int, padding: Float = 0) -> Lanes {
    let start = unsafe UnsafeRawPointer(values)
    var two = SIMD2(repeating: padding)
    if count & 1 != 0 { two[0] = unsafe values[count &- 1] }
    let four: SIMD4<Float>
    if count & 2 != 0 {
        let piece = unsafe (start + 4 &* (count & 12)).loadUnaligned(as: SIMD2<Float>.self)
        four = SIMD4(lowHalf: piece, highHalf: two)
    } else {
        four = SIMD4(lowHalf: two, highHalf: SIMD2(repeating: padding))
    }
    let eight: SIMD8<Float>
    if count & 4 != 0 {
        let piece = unsafe (start + 4 &* (count & 8)).loadUnaligned(as: SIMD4<Float>.self)
        eight = SIMD8(lowHalf: piece, highHalf: four)
    } else {
        eight = SIMD8(lowHalf: four, highHalf: SIMD4(repeating: padding))
    }
    guard count & 8 != 0 else { return Lanes(lowHalf: eight, highHalf: SIMD8(repeating: padding)) }
    return Lanes(lowHalf: unsafe start.loadUnaligned(as: SIMD8<Float>.self), highHalf: eight)
}

/// Stores the first `count` of 16 lanes, 0 to 15 of them, in the same pieces.
@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    var target = UnsafeMutableRawPointer(values)
    var eight = lanes.lowHalf
    if count & 8 != 0 {
        unsafe target.storeBytes(of: eight, as: SIMD8<Float>.self)
        eight = lanes.highHalf
        unsafe target += 32
    }
    var four = eight.lowHalf
    if count & 4 != 0 {
        unsafe target.storeBytes(of: four, as: SIMD4<Float>.self)
        four = eight.highHalf
        unsafe target += 16
    }
    var two = four.lowHalf
    if count & 2 != 0 {
        unsafe target.storeBytes(of: two, as: SIMD2<Float>.self)
        two = four.highHalf
        unsafe target += 8
    }
    if count & 1 != 0 { unsafe target.storeBytes(of: two[0], as: Float.self) }
}

/// True for the first `count` lanes.
@inline(__always)
func firstLanes(_ count: Int) -> LaneMask {
    Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) .< Float(count)
}

/// The first `count` of 16 values, where `readable` values may be read: in one piece where it can be.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>, _ count: Int, readable: Int, padding: Float) -> Lanes {
    guard readable >= 16 else { return unsafe loadLanes(values, count, padding: padding) }
    return unsafe select(firstLanes(count), loadLanes(values), Lanes(repeating: padding))
}
