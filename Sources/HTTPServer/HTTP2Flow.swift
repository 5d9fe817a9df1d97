/// The two directions of a stream whose request is streamed.
final class HTTP2Flow {
    let handler: any HTTPStreamHandler
    let channel: HTTPStreamChannel

    /// Whether the answer has begun.
    var hasHead = false
    /// Whether the handler has said how the answer ends.
    var hasEnded = false
    /// Whether the handler waits until there is less to send.
    var isFull = false
    /// When the client has to have sent the rest of what it began, and to have taken a part of the answer.
    var receiveDeadline = UInt64.max
    var sendDeadline = UInt64.max
    /// Bytes of the body so far; each full step renews the time.
    var received = 0
    var sent = 0

    /// What is left to be sent; the first has been sent in part.
    private var pieces: [[UInt8]] = []
    private var next = 0
    private var sentOfNext = 0
    private(set) var unsent = 0
    private var trailers: HTTP2FieldBlock?
    private var charge: MemoryCharge

    init(_ handler: any HTTPStreamHandler, _ channel: HTTPStreamChannel, memory: MemoryBudget) {
        self.handler = handler
        self.channel = channel
        charge = MemoryCharge(memory)
    }

    var deadline: UInt64 { min(receiveDeadline, sendDeadline) }

    /// What can be sent in one go.
    var rest: HTTP2Session.Rest {
        let count = next < pieces.count ? pieces[next].count - sentOfNext : 0
        let isLast = hasEnded && next + 1 >= pieces.count
        return HTTP2Session.Rest(count: count, isLast: isLast, trailers: isLast ? trailers : nil)
    }

    func append(_ piece: [UInt8]) {
        pieces.append(piece)
        unsent += piece.count
        charge.force(unsent)
    }

    func end(_ trailers: [(name: String, value: String)]) {
        hasEnded = true
        self.trailers = trailers.isEmpty ? nil : HTTP2FieldBlock(trailers: trailers)
    }

    /// Writes the next bytes, no more than `rest` has told.
    func write(_ count: Int, into output: OutputBuffer) {
        guard count > 0, next < pieces.count else { return }
        let end = min(sentOfNext + count, pieces[next].count)
        unsafe pieces[next].withUnsafeBytes {
            unsafe output.append(UnsafeRawBufferPointer(rebasing: $0[sentOfNext..<end]))
        }
        unsent -= end - sentOfNext
        channel.sent(end - sentOfNext)
        sentOfNext = end
        if end == pieces[next].count {
            pieces[next] = []
            next += 1
            sentOfNext = 0
        }
        if next == pieces.count {
            pieces.removeAll(keepingCapacity: true)
            next = 0
        }
        charge.force(unsent)
    }
}
