internal import Glibc
internal import Synchronization

/// Small numbers for threads: those that live at a time have different ones, counted from 0, and a thread that ends leaves
/// its number to another. What is kept once for each number is found without a lock.
package enum ThreadNumber {
    private static let free = Lock<[Int]>([])
    private static let used = Atomic<Int>(0)

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { stored in ThreadNumber.giveBack(Int(bitPattern: stored) - 1) }
        precondition(status == 0, "a process has room for a few keys")
        return key
    }()

    /// The calling thread's number.
    package static var current: Int {
        // One more than the number is stored, since a thread that has none yet reads 0.
        let stored = unsafe Int(bitPattern: pthread_getspecific(key))
        return stored > 0 ? stored - 1 : take()
    }

    @inline(never)
    private static func take() -> Int {
        let number = free.withLock { $0.popLast() } ?? used.wrappingAdd(1, ordering: .relaxed).oldValue
        unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: number + 1))
        return number
    }

    private static func giveBack(_ number: Int) {
        free.withLock { $0.append(number) }
    }
}
