import CEpoll
import Glibc

/// The kernel's list of descriptors to watch (epoll(7)), level-triggered.
@safe struct Epoll: ~Copyable {
    /// What can be waited for, and what can have happened.
    struct Events: OptionSet {
        let rawValue: UInt32

        /// There is something to receive, or the end of it.
        static let readable = Events(rawValue: EPOLLIN.rawValue)
        /// Something can be sent.
        static let writable = Events(rawValue: EPOLLOUT.rawValue)
        /// The connection is broken or closed in both directions; reported without being asked for.
        static let broken = Events(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    private let descriptor: FileDescriptor
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    /// Whether the last wait may have left events for the next one.
    private(set) var mayHaveMore = false

    init() throws(HTTPServerError) {
        let number = try SystemCallResult.of { Int(epoll_create1(Int32(EPOLL_CLOEXEC))) }
            .get("epoll_create1", "an event loop")
        descriptor = FileDescriptor(owning: Int32(number))
    }

    /// Watches a descriptor; `token` comes back with its events. False when the system has no room for it.
    func add(_ number: Int32, token: UInt64, _ events: Events) -> Bool {
        control(EPOLL_CTL_ADD, number, token, events)
    }

    /// Changes what is waited for.
    func modify(_ number: Int32, token: UInt64, _ events: Events) {
        _ = control(EPOLL_CTL_MOD, number, token, events)
    }

    /// Watches it no more. Needed where another process has the same socket: closing ours alone would not end its events.
    func remove(_ number: Int32) {
        _ = control(EPOLL_CTL_DEL, number, 0, [])
    }

    /// Waits for events, at most `milliseconds` (forever if negative). Returns how many there are.
    mutating func wait(milliseconds: Int32) -> Int {
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe epoll_wait(descriptor.number, buffer.baseAddress, Int32(buffer.count), milliseconds)
        }
        // A process that was stopped and goes on finds its wait interrupted, whatever is ready.
        mayHaveMore = unsafe count < 0 || Int(count) == events.count
        // An interruption is no event: the loop comes back by itself.
        return max(0, Int(count))
    }

    /// One of the events of the last wait.
    func event(_ index: Int) -> (token: UInt64, events: Events) {
        let event = unsafe events[index]
        return unsafe (event.data.u64, Events(rawValue: event.events))
    }

    private func control(_ operation: Int32, _ number: Int32, _ token: UInt64, _ events: Events) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events = events.rawValue
        unsafe event.data.u64 = token
        return unsafe epoll_ctl(descriptor.number, operation, number, &event) == 0
    }
}
