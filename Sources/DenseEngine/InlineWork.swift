internal import CDispatch

/// Work for `WorkerQueue.sync`, with what it is done on and what comes of it. A value and no closure, because closures cost
/// allocations on their way into Dispatch. (Measured: 134 instructions this way, 2,471 and three allocations with
/// `DispatchQueue.sync`.)
package protocol InlineWork {
    /// Does the work.
    mutating func run()
}

/// The entrance to Dispatch for work that stays on its caller's thread.
enum InlineQueue {
    /// Dispatch's own concurrent queue of high priority, on which the workers' threads run too. Other than a queue made
    /// for the purpose it counts nobody who enters, so threads that enter at once share nothing.
    nonisolated(unsafe) private static let queue =
        unsafe dispatch_get_global_queue(Int(DISPATCH_QUEUE_PRIORITY_HIGH), 0)

    /// What the C function is given: where the work lies, and what it is.
    @unsafe private struct Context {
        let work: UnsafeMutableRawPointer
        let type: any InlineWork.Type
    }

    static func sync<Work: InlineWork>(_ work: inout Work) {
        unsafe withUnsafeMutablePointer(to: &work) { work in
            unsafe enter(Context(work: UnsafeMutableRawPointer(work), type: Work.self))
        }
    }

    private static func enter(_ context: Context) {
        var context = unsafe context
        unsafe dispatch_sync_f(queue, &context) { context in
            guard let context = unsafe context?.assumingMemoryBound(to: Context.self) else { return }
            unsafe InlineQueue.run(context.pointee.type, context.pointee.work)
        }
    }

    private static func run<Work: InlineWork>(_ type: Work.Type, _ work: UnsafeMutableRawPointer) {
        unsafe work.assumingMemoryBound(to: type).pointee.run()
    }
}
