internal import Glibc

/// Each thread's memory for half a tile of output, behind it its bias, and then so many rows of input of one block of
/// features; freed when the thread ends. (Zeroing as much on the stack would take longer than a small product.)
func matmulScratch(inputRows: Int) -> UnsafeMutablePointer<Float> {
    unsafe threadScratch(count: scratchInputStart + inputRows * tileInputStride)
}

/// The rows of input in that memory, `tileInputStride` apart.
@inline(__always)
func scratchInput(_ scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    unsafe scratch + scratchInputStart
}

private var scratchInputStart: Int { (maximumTileRows + 1) * vectorWidth }

private let scratchKey: pthread_key_t = {
    var key = pthread_key_t()
    let status = unsafe pthread_key_create(&key) { memory in unsafe free(memory) }
    precondition(status == 0, "a process has keys enough for one more")
    return key
}()

/// In bytes. Before the floats of a thread, and as far from them, stands how many they are.
private var scratchAlignment: Int { 64 }

private func threadScratch(count: Int) -> UnsafeMutablePointer<Float> {
    if let memory = unsafe pthread_getspecific(scratchKey) {
        if unsafe memory.load(as: Int.self) >= count { return unsafe scratchFloats(memory) }
        unsafe free(memory)
    }
    var memory: UnsafeMutableRawPointer?
    let status = unsafe posix_memalign(
        &memory, scratchAlignment, scratchAlignment + count * MemoryLayout<Float>.stride)
    guard status == 0, let memory = unsafe memory else { preconditionFailure("no memory for a thread's scratch") }
    unsafe memory.storeBytes(of: count, as: Int.self)
    unsafe pthread_setspecific(scratchKey, memory)
    return unsafe scratchFloats(memory)
}

private func scratchFloats(_ memory: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float> {
    unsafe (memory + scratchAlignment).assumingMemoryBound(to: Float.self)
}

/// Copies the first `count` numbers of a tile's rows to rows `tileInputStride` apart.
@inline(__always)
func copyRows(
    _ source: UnsafePointer<Float>, _ sourceStride: Int, rows: Int, count: Int, to target: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        let from = unsafe source + row &* sourceStride
        let to = unsafe target + row &* tileInputStride
        var index = 0
        while index + vectorWidth <= count {
            unsafe store(load(from + index), to + index)
            index += vectorWidth
        }
        while index < count {
            unsafe to[index] = from[index]
            index += 1
        }
    }
}
