/// One stream: a request and its answer.
final class HTTP2Stream {
    enum Phase {
        /// Its fields are coming in.
        case head
        /// Its body is coming in.
        case body
        /// It is complete, and waits until there is room for its answer.
        case waiting
        /// A handler has it.
        case running
        /// A handler has it, and its body and answer pass through as they come.
        case streaming
        /// Its answer is being sent.
        case sending
    }

    let id: Int32
    /// When its first frame arrived.
    let start: UInt64
    var phase = Phase.head
    /// When the client has to have done what it is waited for; `.max` when it is not waited for.
    var deadline = UInt64.max

    var builder: HTTP2HeadBuilder?
    var head: HTTPRequestHead?
    var isHead = false
    var body = HTTPBody.empty
    var trailers: HTTPHeaders?
    var requestID: RequestID?
    /// What the handler calls the client.
    var client: String?
    var exchange: Exchange?
    /// Both directions of a streamed request.
    var flow: HTTP2Flow?
    /// Whether the client has sent its last frame.
    var clientIsDone = false
    /// Bytes the client may not replace by others yet.
    var withheld = 0
    /// Whether its body was found to be large, and the client may send more of it at a time.
    var hasLargeWindow = false
    /// Bytes of the body that the budget counts.
    var held = 0

    var status = 0
    /// What a protocol above HTTP calls the outcome.
    var innerStatus: Int?
    /// As `HTTPResponse.turnsAway`.
    var turnsAway = false
    var answer: [UInt8] = []
    /// What the answer takes of the server's memory.
    var charge = MemoryCharge(nil)
    var answerTrailers: HTTP2FieldBlock?
    /// How much of the answer was written into the output.
    var sent = 0
    /// Whether the answer's last frame was.
    var isSent = false
    /// Whether its record was made.
    var isReported = false
    /// Why the server reset it, if it did.
    var resetCode: HTTP2ErrorCode?

    var bytesReceived = 0
    var bytesSent = 0

    init(id: Int32, start: UInt64) {
        self.id = id
        self.start = start
    }

    /// The record of it, nil when there was no request worth one.
    func finished() -> FinishedExchange? {
        guard let status = finalStatus else { return nil }
        return FinishedExchange(
            head: head, status: status, innerStatus: status == self.status ? innerStatus : nil, turnsAway: turnsAway,
            bytesReceived: bytesReceived, bytesSent: bytesSent, start: start,
            id: requestID ?? .generate(), client: client)
    }

    private var finalStatus: Int? {
        // A client that closed its side before its answer was ready has most likely left, though the bytes are sent.
        if isSent { return exchange?.clientHasGone == true ? 499 : status }
        // What came was no request: that is the client's error, and no answer was owed.
        if resetCode != nil, phase == .head || phase == .body { return 400 }
        return head == nil ? nil : 499
    }
}
