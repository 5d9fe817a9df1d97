/// HTTP/1.0 and 1.1 on one connection (RFC 9112): requests one after the other, answered in order.
final class HTTP1Connection: WireProtocol {
    /// A body this small is read to its end when nobody wants it, so that the connection can live on: that costs less than
    /// another connection.
    private static let discardedBody = 256 << 10

    private let loop: LoopState
    private let peer: HTTPPeer
    private let tls: TLSDetails?
    private let makeExchange: (Int32) -> Exchange

    private var parser: HTTP1RequestParser
    private(set) var progress: UInt64 = 0
    private var current = Current()
    /// The last one that was answered at once, for the next request.
    private var spareExchange: Exchange?
    private var isFinished = false
    private var isAnswering = false
    private(set) var successor: (any WireProtocol)?

    /// The request that is being received or answered.
    private struct Current {
        var head: HTTPRequestHead?
        var body = HTTPBody.empty
        /// The answer of a request that was refused while its small body is still coming in.
        var refusal: HTTPResponse?
        var exchange: Exchange?
        var id: RequestID?
        /// What the handler calls the client.
        var client: String?
        var bytesReceived = 0
        var bodyProgress = 0
        var start: UInt64 = 0
        /// Whether any of its bytes has come.
        var hasBegun = false
    }

    /// A connection of a loop. `makeExchange` makes exchanges whose answers come back to it.
    init(
        loop: LoopState, peer: HTTPPeer, tls: TLSDetails? = nil, makeExchange: @escaping (Int32) -> Exchange
    ) {
        self.loop = loop
        self.peer = peer
        self.tls = tls
        self.makeExchange = makeExchange
        parser = HTTP1RequestParser(limits: HTTP1RequestParser.Limits(loop.configuration), tls: tls)
    }

    var phase: WirePhase {
        if isFinished { return .finished }
        if isAnswering { return .answer }
        if current.head != nil { return .body }
        return parser.isInsideRequest ? .head : .idle
    }

    // MARK: Receiving

    func receive(_ input: Span<UInt8>, into output: OutputBuffer) -> Int {
        var position = 0
        while !isFinished, !isAnswering, successor == nil, !output.isFull {
            let rest = input.extracting(position..<input.count)
            if !current.hasBegun, !rest.isEmpty { begin() }
            let step = parser.next(rest)
            position += step.consumed
            current.bytesReceived += step.consumed
            switch step.event {
            case .partial:
                if !parser.isInsideRequest { current = Current() }
                return position
            case .head(let head): received(head, into: output)
            case .body(let range): received(rest.extracting(range), into: output)
            case .end: dispatch(into: output)
            case .failed(let error): fail(error, into: output)
            }
        }
        return position
    }

    func directSpace() -> UnsafeMutableRawBufferPointer? {
        guard !isFinished, !isAnswering, current.head != nil, current.refusal == nil,
            parser.remainingLength > 0
        else { return nil }
        return unsafe current.body.spare(wanted: parser.remainingLength)
    }

    func receivedDirectly(_ count: Int) {
        current.body.commit(count)
        discarded(count)
    }

    var unwantedCount: Int { current.refusal == nil ? 0 : parser.remainingLength }

    func discarded(_ count: Int) {
        parser.skipBody(count)
        current.bytesReceived += count
        advance(count)
    }

    private func begin() {
        current.hasBegun = true
        current.start = loop.now
        parser.use(loop.spares.takeHead())
        progress &+= 1
    }

    private func received(_ head: HTTPRequestHead, into output: OutputBuffer) {
        loop.requests.add(1)
        progress &+= 1
        current.head = head
        current.id = RequestID(client: head.headers.bytes("x-request-id"), numbers: &loop.numbers)
        switch loop.handler.admit(head, from: peer) {
        case .admitted(let client), .streamed(_, let client): current.client = client
        case .refused(let refusal, let client):
            current.client = client
            return refuse(head, with: refusal, into: output)
        }
        guard head.announcesBody else { return }
        if let refusal = objection(to: head) { return refuse(head, with: refusal, into: output) }
        guard case .length(let length) = head.framing else {
            current.body = HTTPBody(within: loop.memory)
            if head.expectsContinue { output.append("HTTP/1.1 100 Continue\r\n\r\n") }
            return
        }
        if length > 0 { current.body = loop.spares.takeBody(length: length, within: loop.memory) }
        if length >= HTTPBodyOutline.leastBytes { current.body.prepare(for: head, loop.handler) }
        if head.expectsContinue, length > 0, length <= loop.configuration.maxBodyBytes {
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
        }
    }

    /// The refusal of a body that there is no room for now.
    private func objection(to head: HTTPRequestHead) -> HTTPResponse? {
        guard case .length(let length) = head.framing, length <= loop.configuration.maxBodyBytes,
            !loop.memory.hasRoom(for: length)
        else { return nil }
        return loop.handler.errorResponse(.noRoom(limit: loop.memory.limit), to: head)
    }

    /// Answers a request that is not wanted: once its body has come and is forgotten, or at once when that is too long.
    private func refuse(_ head: HTTPRequestHead, with refusal: HTTPResponse, into output: OutputBuffer) {
        let isShort =
            switch head.framing {
            case .none: true
            case .length(let length): length <= (head.expectsContinue ? 0 : Self.discardedBody)
            case .chunked: false
            }
        if isShort { current.refusal = refusal } else { finish(refusal, closes: true, into: output) }
    }

    private func received(_ bytes: Span<UInt8>, into output: OutputBuffer) {
        advance(bytes.count)
        guard current.refusal == nil else { return }
        if unsafe !bytes.withUnsafeBytes({ unsafe current.body.append($0) }) {
            fail(.noRoom(limit: loop.memory.limit), into: output)
        }
    }

    /// Counts a body's bytes; each full step is progress.
    private func advance(_ count: Int) {
        let before = current.bodyProgress
        current.bodyProgress = before + count
        let step = loop.configuration.bodyStep
        if (before + count) / step != before / step { progress &+= 1 }
    }

    /// Hands the complete request to the handler, and writes the answer if there is one at once.
    private func dispatch(into output: OutputBuffer) {
        guard let head = current.head, let id = current.id else { return }
        if let refusal = current.refusal { return finish(refusal, into: output) }
        if loop.configuration.http2, tls == nil, let upgrade = HTTP2Upgrade(head), change(to: upgrade, into: output) {
            return
        }
        var exchange = spareExchange.take() ?? makeExchange(0)
        current.exchange = exchange
        // The body belongs to the request from here on.
        var body = takeBody()
        isAnswering = true
        let answer = loop.run(HTTPRequest(head: head, body: body, id: id, peer: peer), exchange)
        loop.spares.giveBack(&body)
        guard let answer else { return }
        self.answer(exchange, with: answer, into: output)
        if isKnownUniquelyReferenced(&exchange) {
            exchange.renew()
            spareExchange = exchange
        }
    }

    private func takeBody() -> HTTPBody {
        defer { current.body = .empty }
        return current.body
    }

    /// What becomes of a request when the connection goes on in HTTP/2.
    struct Switch {
        var head: HTTPRequestHead
        var body: HTTPBody
        var id: RequestID
        var client: String?
        var bytesReceived: Int
        var start: UInt64
    }

    /// Goes on in HTTP/2 with this request, unless its body is too large for that.
    private func change(to upgrade: HTTP2Upgrade, into output: OutputBuffer) -> Bool {
        let request = current
        guard let head = request.head, let id = request.id,
            request.body.count <= HTTP2Upgrade.maxBodyBytes
        else { return false }
        current = Current()
        output.append(HTTP2Upgrade.answer)
        let successor = HTTP2Connection(loop: loop, peer: peer, makeExchange: makeExchange)
        successor.begin(
            Switch(
                head: head, body: request.body, id: id, client: request.client, bytesReceived: request.bytesReceived,
                start: request.start),
            settings: upgrade.settings, into: output)
        self.successor = successor
        return true
    }

    // MARK: Answering

    func answer(_ exchange: Exchange, with response: HTTPResponse?, into output: OutputBuffer) {
        guard isAnswering, let waiting = current.exchange, waiting === exchange else { return }
        isAnswering = false
        finish(response ?? loop.handler.errorResponse(.unanswered, to: current.head), into: output)
    }

    func inputEnded(into output: OutputBuffer) {
        switch phase {
        case .idle: isFinished = true
        case .head, .body:
            var expected: Int?
            if case .length(let length)? = current.head?.framing { expected = length }
            fail(.truncated(expectedBodyBytes: expected, receivedBodyBytes: current.bodyProgress), into: output)
        case .answer: current.exchange?.clientLeft()
        case .streams, .finished: break
        }
    }

    func timedOut(into output: OutputBuffer) {
        switch phase {
        case .head:
            loop.timeouts[.head].add(1)
            fail(.headTimeout(milliseconds: loop.configuration.headTimeout), into: output)
        case .body:
            loop.timeouts[.body].add(1)
            fail(.bodyTimeout(milliseconds: loop.configuration.bodyTimeout), into: output)
        case .idle, .answer, .streams, .finished: break
        }
    }

    func refuse(_ error: HTTPError, into output: OutputBuffer) {
        begin()
        var response = loop.handler.errorResponse(error, to: nil)
        if error.status == .serviceUnavailable,
            !response.headers.contains(where: { $0.name.utf8.matchesIgnoringCase("retry-after") })
        {
            response.headers.append(("Retry-After", "1"))
        }
        finish(response, closes: true, into: output)
    }

    func abandon() -> [FinishedExchange] {
        defer { current = Current() }
        guard current.head != nil else { return [] }
        current.exchange?.clientLeft()
        return [finished(current, status: 499, bytesSent: 0)]
    }

    private func fail(_ error: HTTPError, into output: OutputBuffer) {
        if !current.hasBegun { begin() }
        finish(loop.handler.errorResponse(error, to: current.head), closes: true, into: output)
    }

    /// Writes the answer of the current request and makes room for the next.
    private func finish(_ response: HTTPResponse, closes: Bool = false, into output: OutputBuffer) {
        guard current.hasBegun else { return }
        var request = Current()
        swap(&request, &current)
        let response = loop.bounded(response, to: request.head)
        let keepsAlive =
            !closes && !response.closesConnection && !loop.isDraining && request.head?.keepsAlive ?? false
        let id = request.id ?? RequestID.generate()
        let size = HTTP1ResponseWriter.write(
            response,
            HTTP1ResponseWriter.Context(
                isHead: request.head.map { $0.method == .head } ?? parser.isAtHEAD,
                minorVersion: request.head?.version == .http10 ? 0 : 1,
                keepsAlive: keepsAlive, id: id, date: loop.date),
            into: output)
        // A client that closed its side before its answer was ready has most likely left, though the bytes are sent.
        let status = request.exchange?.clientHasGone == true ? 499 : response.status.code
        var record = finished(request, status: status, bytesSent: size, id: id)
        record.turnsAway = response.turnsAway
        output.append(record)
        isFinished = !keepsAlive
        progress &+= 1
    }

    private func finished(_ request: Current, status: Int, bytesSent: Int, id: RequestID? = nil) -> FinishedExchange {
        FinishedExchange(
            head: request.head, status: status, bytesReceived: request.bytesReceived, bytesSent: bytesSent,
            start: request.start, id: id ?? request.id ?? .generate(), client: request.client)
    }
}

extension HTTP1RequestParser.Limits {
    init(_ configuration: ServerConfiguration) {
        self.init(
            maxHeadBytes: configuration.maxHeadBytes, maxTargetBytes: configuration.maxTargetBytes,
            maxFields: configuration.maxFields, maxBodyBytes: configuration.maxBodyBytes)
    }
}
