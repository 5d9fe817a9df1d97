internal import CLoadPoll
internal import Glibc

/// Waits for sockets (epoll(7)) until a time that is exact to microseconds, as an open loop needs it.
@safe struct LoadPoll: ~Copyable {
    private let descriptor: Int32
    private var events = [load_event](repeating: load_event(), count: 256)

    init() throws(LoadError) {
        descriptor = load_poll_create()
        guard descriptor >= 0 else { throw .system(call: "epoll_create1", reason: systemReason(errno)) }
    }

    deinit { close(descriptor) }

    /// Watches a socket for reading, and for writing too when asked.
    func add(_ socket: Int32, index: Int, writing: Bool) {
        load_poll_watch(descriptor, socket, UInt32(truncatingIfNeeded: index), writing, true)
    }

    /// Changes whether a socket is watched for writing.
    func modify(_ socket: Int32, index: Int, writing: Bool) {
        load_poll_watch(descriptor, socket, UInt32(truncatingIfNeeded: index), writing, false)
    }

    /// Waits at most for some nanoseconds; the number of events.
    mutating func wait(nanoseconds: Int) -> Int {
        Int(unsafe load_poll_wait(descriptor, &events, Int32(truncatingIfNeeded: events.count), nanoseconds))
    }

    /// One of the events of the last wait.
    func event(_ number: Int) -> (index: Int, isReadable: Bool, isWritable: Bool) {
        let event = events[number]
        return (Int(event.index), event.is_readable, event.is_writable)
    }

    /// Lets the waits of the calling thread end when they should, not up to 50 µs later.
    static func bePunctual() { load_poll_be_punctual() }
}
