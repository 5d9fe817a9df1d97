internal import Glibc

/// Scratch memory that each thread keeps for itself, so that a call needs none of its own after the first. Bounded: what
/// is larger than `maximumCount` is never kept, and never asked for by a plan. A thread that ends gives its arena back.
package enum WorkerArena {
    /// The most floats a thread keeps, 4 MiB.
    package static let maximumCount = 1 << 20

    /// What a thread keeps.
    @safe private struct Memory {
        var floats: UnsafeMutableRawPointer
        var count: Int
        /// Lent to a call that is running on the thread: another one inside it gets memory of its own.
        var isLent: Bool
    }

    /// The place of a thread's arena among its own data; `nil` where the system has no more such places.
    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { pointer in
            guard let memory = unsafe pointer?.assumingMemoryBound(to: Memory.self) else { return }
            unsafe memory.pointee.floats.deallocate()
            unsafe memory.deallocate()
        }
        return status == 0 ? key : nil
    }()

    /// Lends uninitialised memory for `count` floats, at an address that is a multiple of 64 bytes, while `body` runs.
    package static func withFloats<Result>(
        count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result
    ) -> Result {
        guard count <= maximumCount, let memory = unsafe memory(count: count), unsafe !memory.pointee.isLent else {
            let floats = unsafe allocate(count)
            defer { unsafe floats.deallocate() }
            return unsafe body(floats.bindMemory(to: Float.self, capacity: count))
        }
        unsafe memory.pointee.isLent = true
        defer { unsafe memory.pointee.isLent = false }
        return unsafe body(memory.pointee.floats.bindMemory(to: Float.self, capacity: count))
    }

    /// A count that brings what lies behind it to an address that is a multiple of 64 bytes as well.
    static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    /// In floats.
    static let alignment = 16

    /// How many floats the calling thread keeps.
    package static var keptCount: Int {
        guard let key, let pointer = unsafe pthread_getspecific(key) else { return 0 }
        return unsafe pointer.assumingMemoryBound(to: Memory.self).pointee.count
    }

    /// The calling thread's arena, with room for `count` floats unless it is lent; `nil` when it can keep none.
    private static func memory(count: Int) -> UnsafeMutablePointer<Memory>? {
        guard let key else { return nil }
        guard let pointer = unsafe pthread_getspecific(key) else {
            let memory = UnsafeMutablePointer<Memory>.allocate(capacity: 1)
            let room = roundedUp(count)
            unsafe memory.initialize(to: Memory(floats: allocate(room), count: room, isLent: false))
            guard unsafe pthread_setspecific(key, memory) == 0 else {
                unsafe memory.pointee.floats.deallocate()
                unsafe memory.deallocate()
                return nil
            }
            return unsafe memory
        }
        let memory = unsafe pointer.assumingMemoryBound(to: Memory.self)
        if unsafe memory.pointee.count < count && !memory.pointee.isLent {
            unsafe memory.pointee.floats.deallocate()
            unsafe memory.pointee.count = roundedUp(count)
            unsafe memory.pointee.floats = allocate(memory.pointee.count)
        }
        return unsafe memory
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: alignment * MemoryLayout<Float>.stride)
    }

    /// To the next power of two, so that slowly growing calls do not allocate each time.
    private static func roundedUp(_ count: Int) -> Int {
        var room = 1 << 12
        while room < count { room <<= 1 }
        return min(room, max(maximumCount, count))
    }
}
