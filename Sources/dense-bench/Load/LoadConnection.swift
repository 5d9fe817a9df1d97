internal import Glibc

/// One connection of the load: a socket, what is in flight on it, and the answer that is coming in. Owned by one worker.
final class LoadConnection {
    enum State: Equatable {
        /// To be opened when this time has come.
        case closed(until: Int)
        case connecting(since: Int)
        case open
    }

    /// What a system call came to.
    enum Progress: Equatable {
        case done
        /// Later.
        case blocked
        case failed
    }

    let index: Int
    var state = State.closed(until: 0)
    private(set) var socket: Int32 = -1
    /// Whether epoll watches for writing.
    var watchesWriting = false
    /// Whether it stands in the list of those that can take a request.
    var isListed = false

    private(set) var inFlight: RequestRing
    private var unsent = 0
    private var offset = 0

    var reader = ResponseReader()
    /// Received, but not enough to be understood.
    var rest: [UInt8] = []
    var status = 0
    /// Answers since one was compared.
    var unchecked = LoadWorker.checkInterval
    /// The answer's body, where it will be compared.
    var body: [UInt8] = []
    var keepsBody = false

    init(index: Int, pipeline: Int) {
        self.index = index
        inFlight = RequestRing(capacity: pipeline)
    }

    deinit { if socket >= 0 { close(socket) } }

    /// Takes over a socket, connected or about to be.
    func adopt(_ socket: Int32, connecting: Bool, at now: Int) {
        self.socket = socket
        state = connecting ? .connecting(since: now) : .open
        watchesWriting = connecting
    }

    /// Forgets the socket and everything on it.
    func reset(until time: Int) {
        close(socket)
        socket = -1
        state = .closed(until: time)
        inFlight.removeAll()
        (unsent, offset, status) = (0, 0, 0)
        reader = ResponseReader()
        rest.removeAll()
        body.removeAll()
        keepsBody = false
    }

    /// Whether the connection that was begun stands.
    var connectionFailure: Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }

    /// Notes a request that is to be sent.
    func append(due: Int, now: Int, size: Int) {
        inFlight.append(RequestTimes(due: due, sent: now))
        unsent += size
    }

    /// Takes the request that an answer belongs to; `nil` when none was sent.
    func takeOldest() -> RequestTimes? { inFlight.removeFirst() }

    /// Sends what is to be sent.
    ///
    /// - Parameters:
    ///   - copies: the request, once or several times in a row.
    ///   - size: the bytes of one.
    func flush(_ copies: [UInt8], size: Int) -> Progress {
        while unsent > 0 {
            let count = unsafe copies.withUnsafeBytes { bytes in
                let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...].prefix(unsent))
                return unsafe send(socket, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed
            }
            unsent -= count
            offset = (offset + count) % size
        }
        return .done
    }
}

/// When a request was due, and when it was sent.
package struct RequestTimes: Sendable {
    let due: Int
    let sent: Int

    /// Both in nanoseconds, by the clock.
    package init(due: Int, sent: Int) {
        self.due = due
        self.sent = sent
    }
}

/// The requests in flight on a connection, oldest first.
struct RequestRing {
    private var times: [RequestTimes]
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) { times = Array(repeating: RequestTimes(due: 0, sent: 0), count: max(capacity, 1)) }

    var isFull: Bool { count == times.count }
    var oldest: RequestTimes? { count > 0 ? times[first] : nil }

    /// Adds one; there must be room.
    mutating func append(_ request: RequestTimes) {
        times[(first + count) % times.count] = request
        count += 1
    }

    mutating func removeFirst() -> RequestTimes? {
        guard count > 0 else { return nil }
        defer {
            first = (first + 1) % times.count
            count -= 1
        }
        return times[first]
    }

    mutating func removeAll() { (first, count) = (0, 0) }
}
