internal import CVectors

/// 16 values from memory of any alignment.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>) -> Lanes {
    unsafe UnsafeRawPointer(values).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(values).storeBytes(of: lanes, as: Lanes.self)
}

/// The first `count` of 16 values, 0 to 15 of them; the other lanes hold `padding`. No more is read.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>, _ count: Int, padding: Float = 0) -> Lanes {
    let loaded = unsafe vector_load_first(values, count)
    guard padding != 0 else { return loaded }
    let isLoaded = Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) .< Float(count)
    return select(isLoaded, loaded, Lanes(repeating: padding))
}

/// Stores the first `count` of 16 lanes, 0 to 15 of them.
@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    #if KERNELS_AVX512
    unsafe vector_store_first(lanes, values, count)
    #else
    // In pieces of 8, 4, 2 and 1: AVX2's masked store is slow on some CPUs.
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
    #endif
}
