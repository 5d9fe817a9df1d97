internal import Glibc

/// Each thread's memory for what row-wise activations put aside; freed when the thread ends. The first 16 floats' place
/// holds its size.
private let scratchKey: pthread_key_t = {
    var key = pthread_key_t()
    let status = unsafe pthread_key_create(&key) { memory in unsafe free(memory) }
    precondition(status == 0, "a process has keys enough for one more")
    return key
}()

/// Memory of this thread for `count` floats, of which none has a value to rely on. The next call may move it.
///
/// It grows to the most a thread ever asked for, so that there is no allocation in the steady state.
func activationScratch(_ count: Int) -> UnsafeMutablePointer<Float> {
    let old = unsafe pthread_getspecific(scratchKey)
    if let old = unsafe old, unsafe old.load(as: Int.self) >= count {
        return unsafe (old + 64).assumingMemoryBound(to: Float.self)
    }
    unsafe free(old)
    let capacity = max(count, 8192)
    var memory: UnsafeMutableRawPointer?
    let status = unsafe posix_memalign(&memory, 64, 64 + capacity * MemoryLayout<Float>.stride)
    guard status == 0, let memory = unsafe memory else { preconditionFailure("no memory for a thread's scratch") }
    unsafe pthread_setspecific(scratchKey, memory)
    unsafe memory.storeBytes(of: capacity, as: Int.self)
    let floats = unsafe (memory + 64).bindMemory(to: Float.self, capacity: capacity)
    unsafe floats.update(repeating: 0, count: capacity)
    return unsafe floats
}
