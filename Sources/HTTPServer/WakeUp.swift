import CEpoll
import Glibc

/// A descriptor that becomes readable when another thread wants a loop's attention (eventfd(2)).
struct WakeUp: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    init() throws(HTTPServerError) {
        let number = try SystemCallResult.of {
            Int(eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)))
        }.get("eventfd", "an event loop")
        descriptor = FileDescriptor(owning: Int32(number))
    }

    var number: Int32 { descriptor.number }

    /// Makes it readable. From any thread.
    func signal() { _ = eventfd_write(number, 1) }

    /// Makes it wait again.
    func clear() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(number, &count)
    }
}
