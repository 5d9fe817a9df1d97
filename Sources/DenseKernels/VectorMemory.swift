/// 16 values from memory of any alignment.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>) -> Lanes {
    unsafe UnsafeRawPointer(values).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(values).storeBytes(of: lanes, as: Lanes.self)
}

/// The first `count` of 16 values, 1 to 15 of them; the other lanes hold `padding`.
@inline(__always)
func loadLanes(_ values: UnsafePointer<Float>, _ count: Int, padding: Float = 0) -> Lanes {
    var lanes = Lanes(repeating: padding)
    for index in 0..<count { unsafe lanes[index & 15] = values[index] }
    return lanes
}

@inline(__always)
func storeLanes(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count { unsafe values[index] = lanes[index & 15] }
}
