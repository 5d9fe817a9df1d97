/// How much of one connection's bodies and answers is in memory, and what follows from it. Streams multiply what a
/// connection may hold; this is what keeps the product bounded.
///
/// Request bodies count from their arrival to their answer, answers from their making to the sending of each byte. Above
/// the limit only the oldest unfinished body gets a larger window, so that there is always one that can become complete;
/// and while answers alone are above it no other request is begun. The bound is the limit, one body of the largest size
/// and one window for each stream, a few of them large, and the answers that were being made when the limit was passed.
struct HTTP2Budget {
    let limit: Int
    /// Bytes of request bodies.
    private(set) var bodies = 0
    /// Bytes of answers that are not sent yet.
    private(set) var answers = 0

    init(limit: Int) { self.limit = limit }

    /// Whether any stream may send more of its body.
    var hasRoom: Bool { bodies + answers < limit }
    /// Whether there is so much room that a stream may send much at a time.
    var hasPlenty: Bool { bodies + answers < limit / 4 }
    /// Whether another request may be handed to its handler.
    var mayBegin: Bool { answers < limit }

    mutating func hold(body count: Int) { bodies += count }
    mutating func release(body count: Int) { bodies -= count }
    mutating func hold(answer count: Int) { answers += count }
    mutating func release(answer count: Int) { answers -= count }
}
