/// Streamed requests: bodies handed on as they come, answers sent as they are made.
extension HTTP2Connection {
    /// A stream that is over while its handler still holds some of its body.
    struct Stray {
        var channel: HTTPStreamChannel
        var held: Int
    }

    // MARK: Receiving

    /// Begins a streamed request; its body goes to the handler from here on.
    func begin(_ handler: any HTTPStreamHandler, on stream: HTTP2Stream, id: RequestID) {
        let exchange = makeExchange(stream.id)
        let flow = HTTP2Flow(handler, HTTPStreamChannel(exchange), memory: loop.memory)
        stream.exchange = exchange
        stream.flow = flow
        stream.phase = .streaming
        stream.deadline = .max
        running += 1
        note(quietDeadline)
        call(stream, flow) { handler in
            handler.begin(HTTPStream(flow.channel, id: id, memory: loop.memory))
            if isEnding { handler.drain() }
        }
    }

    func data(on stream: HTTP2Stream, _ flow: HTTP2Flow, _ bytes: UnsafeRawBufferPointer) {
        stream.held += bytes.count
        budget.hold(body: bytes.count)
        let step = loop.configuration.bodyStep
        let isProgress = (flow.received + bytes.count) / step != flow.received / step
        flow.received += bytes.count
        call(stream, flow) { unsafe $0.receive(bytes) }
        guard stream.phase == .streaming, !flow.hasEnded else { return }
        if mayGoOn(stream, flow.handler.appetite) {
            session?.consume(bytes.count, on: stream.id)
        } else {
            stream.withheld += bytes.count
            withheld.insert(stream.id)
        }
        keepTime(stream, flow, renewed: isProgress)
    }

    /// All of the body has come.
    func bodyEnded(_ stream: HTTP2Stream, _ flow: HTTP2Flow) {
        flow.receiveDeadline = .max
        call(stream, flow) { $0.receiveEnd() }
    }

    /// Whether the client may send more on a stream, as far as its handler and the connection's memory are concerned.
    func mayGoOn(_ stream: HTTP2Stream, _ appetite: HTTPStreamAppetite) -> Bool {
        switch appetite {
        case .none: false
        case .anything: budget.hasRoom
        case .rest: budget.hasRoom || isOldestUpload(stream)
        }
    }

    /// The client is waited for only while it has begun something and may go on.
    func keepTime(_ stream: HTTP2Stream, _ flow: HTTP2Flow, renewed: Bool) {
        if stream.clientIsDone || stream.withheld > 0 || flow.handler.appetite != .rest {
            flow.receiveDeadline = .max
        } else if renewed || flow.receiveDeadline == .max {
            flow.receiveDeadline = loop.deadline(in: loop.configuration.bodyTimeout)
        }
        stream.deadline = flow.deadline
        note(stream.deadline)
    }

    // MARK: What handlers ask for

    func wake(_ exchange: Exchange, into output: OutputBuffer) {
        if let stream = streams[exchange.stream], stream.exchange === exchange, let flow = stream.flow {
            perform(stream, flow)
        } else {
            settle(exchange)
        }
        send(into: output)
    }

    /// Calls the handler, and does what it asks for meanwhile.
    func call(_ stream: HTTP2Stream, _ flow: HTTP2Flow, _ body: (any HTTPStreamHandler) -> Void) {
        flow.channel.expect()
        body(flow.handler)
        perform(stream, flow)
    }

    private func perform(_ stream: HTTP2Stream, _ flow: HTTP2Flow) {
        guard stream.phase == .streaming, !flow.hasEnded else { return }
        let batch = flow.channel.take()
        let released = min(batch.released, stream.held)
        stream.held -= released
        budget.release(body: released)
        if let head = batch.head, !flow.hasHead { begin(head, on: stream, flow) }
        for piece in batch.pieces where flow.hasHead {
            flow.append(piece)
            budget.hold(answer: piece.count)
        }
        if flow.unsent > 0 {
            if flow.unsent > HTTPStream.lowWater { flow.isFull = true }
            if flow.sendDeadline == .max { flow.sendDeadline = loop.deadline(in: loop.configuration.sendTimeout) }
        }
        stream.deadline = flow.deadline
        note(stream.deadline)
        if let ending = batch.ending { end(stream, flow, ending) }
        if flow.hasHead { session?.resume(stream.id) }
    }

    private func begin(_ head: HTTPResponse, on stream: HTTP2Stream, _ flow: HTTP2Flow) {
        flow.hasHead = true
        stream.status = head.status.code
        let fields = HTTP2FieldBlock(head, id: stream.requestID ?? .generate(), date: loop.date, length: nil)
        if session?.respond(on: stream.id, fields, hasBody: true) != true { session?.reset(stream.id, .internalError) }
        session?.makeIncremental(stream.id)
    }

    private func end(_ stream: HTTP2Stream, _ flow: HTTP2Flow, _ ending: HTTPStreamChannel.Ending) {
        running -= 1
        budget.release(body: stream.held)
        stream.held = 0
        switch ending {
        case .trailers(let trailers, let innerStatus) where flow.hasHead:
            stream.innerStatus = innerStatus
            flow.end(trailers)
            flow.receiveDeadline = .max
            stream.deadline = flow.deadline
        case .answer(let response) where !flow.hasHead:
            stream.flow = nil
            respond(stream, response)
        case .dropped where !flow.hasHead:
            stream.flow = nil
            respond(stream, loop.handler.errorResponse(.unanswered, to: stream.head))
        case .reset, .dropped, .trailers, .answer:
            flow.hasEnded = true
            if case .reset = ending {
                session?.reset(stream.id, .cancel)
            } else {
                session?.reset(stream.id, .internalError)
            }
        }
    }

    // MARK: Sending

    /// Takes note of bytes that were written into the output.
    func wrote(_ count: Int, on stream: HTTP2Stream, _ flow: HTTP2Flow) {
        let step = loop.configuration.sendStep
        if flow.unsent == 0 {
            flow.sendDeadline = .max
        } else if (flow.sent + count) / step != flow.sent / step {
            flow.sendDeadline = loop.deadline(in: loop.configuration.sendTimeout)
        }
        flow.sent += count
        stream.deadline = flow.deadline
        note(stream.deadline)
        if flow.isFull, flow.unsent <= HTTPStream.lowWater {
            flow.isFull = false
            if !flow.hasEnded { roomy.append(stream.id) }
        }
    }

    /// Has handlers make more of their answers where there is room again. True if there were any.
    func tellOfRoom() -> Bool {
        guard !roomy.isEmpty else { return false }
        let ids = roomy
        roomy = []
        for id in ids {
            if let stream = streams[id], let flow = stream.flow { call(stream, flow) { $0.sendMore() } }
        }
        return true
    }

    // MARK: The end

    /// Tells the handlers that the server is stopping.
    func drainStreams() {
        for stream in streams.values {
            if let flow = stream.flow, !flow.hasEnded { call(stream, flow) { $0.drain() } }
        }
    }

    /// A streamed request is over before its handler has ended it. What the handler holds counts until it lets go.
    func cancel(_ stream: HTTP2Stream, _ flow: HTTP2Flow) {
        guard !flow.hasEnded, let exchange = stream.exchange else { return }
        flow.hasEnded = true
        exchange.clientLeft()
        strays[ObjectIdentifier(exchange)] = Stray(channel: flow.channel, held: stream.held)
        stream.held = 0
        flow.channel.expect()
        flow.handler.cancel()
        settle(exchange)
    }

    /// Does what can still be done of what the handler of a stream asks for that is over.
    private func settle(_ exchange: Exchange) {
        let key = ObjectIdentifier(exchange)
        guard var stray = strays[key] else { return }
        let batch = stray.channel.take()
        let released = batch.ending == nil ? min(batch.released, stray.held) : stray.held
        budget.release(body: released)
        stray.held -= released
        if batch.ending == nil {
            strays[key] = stray
        } else {
            strays[key] = nil
            running -= 1
        }
    }

    /// The client sends or takes nothing on a streamed request that it began.
    func timeOut(_ stream: HTTP2Stream, _ flow: HTTP2Flow) {
        if flow.sendDeadline <= loop.now {
            guard isTakingNothing(stream) else {
                flow.sendDeadline = loop.deadline(in: loop.configuration.sendTimeout)
                stream.deadline = flow.deadline
                return
            }
            loop.timeouts[.answer].add(1)
            session?.reset(stream.id, .cancel)
        } else if flow.receiveDeadline <= loop.now {
            loop.timeouts[.body].add(1)
            fail(stream, .bodyTimeout(milliseconds: loop.configuration.bodyTimeout))
        }
    }
}
