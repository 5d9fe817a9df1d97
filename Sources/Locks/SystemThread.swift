package import Glibc

/// Threads of the system's own, for what waits or runs for as long as the process.
package enum SystemThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A thread could not be had.
    package struct Failure: Error {
        package let code: Int32
    }

    /// Starts a thread that ends with `body`: to be joined or detached. Its signals are the starting thread's.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(Failure) -> pthread_t {
        let context = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context { unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            throw Failure(code: code)
        }
        return thread
    }
}
