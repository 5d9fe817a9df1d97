/// Remembers which streams ended lately and how, to tell a client's mistake from a frame that was already under way when
/// its stream ended (RFC 9113, section 5.1, "closed").
struct HTTP2ClosedStreams {
    /// What a frame on a stream that is not open means.
    enum Meaning {
        /// The stream is new, or may be.
        case new
        /// The server has reset it, and the client could not know.
        case late
        /// It was over for both.
        case over
        /// It was passed over, or its end is forgotten.
        case unknown
    }

    private static let memory = 256

    private var highest: Int32 = 0
    /// Streams that were over, and streams the server had reset, each the last few as a ring.
    private var over = Ring()
    private var reset = Ring()

    private struct Ring {
        private var ids: [Int32] = []
        private var next = 0

        mutating func insert(_ id: Int32) {
            if ids.count < HTTP2ClosedStreams.memory {
                ids.append(id)
            } else {
                ids[next] = id
                next = (next + 1) % HTTP2ClosedStreams.memory
            }
        }

        func contains(_ id: Int32) -> Bool { ids.contains(id) }
    }

    /// A stream has begun.
    mutating func opened(_ id: Int32) { highest = max(highest, id) }

    /// A stream has ended, `early` if the client had more to send on it.
    mutating func closed(_ id: Int32, early: Bool) {
        if early { reset.insert(id) } else { over.insert(id) }
    }

    /// What a frame on a stream that is not open means.
    func meaning(of id: Int32) -> Meaning {
        if id > highest { return .new }
        if reset.contains(id) { return .late }
        return over.contains(id) ? .over : .unknown
    }
}
