/// From the session's frames to requests.
extension HTTP2Connection: HTTP2SessionDelegate {
    // MARK: Frames

    func frameBegan(_ frame: HTTP2Frame) {
        switch frame.kind {
        case .priority:
            // The session, for which priorities do not exist, lets this pass.
            if frame.stream == 0 { session?.terminate(.protocolError) }
            count(.priority)
        case .settings: if !frame.isAcknowledgement { count(.settings) }
        case .ping: if !frame.isAcknowledgement { count(.ping) }
        case .windowUpdate: count(.windowUpdate)
        case .resetStream: count(.reset)
        case .headers: if streams[frame.stream] == nil { checkClosed(frame) }
        case .data:
            if streams[frame.stream] == nil {
                checkClosed(frame)
                // What comes for a stream that is gone brings nothing.
                count(.emptyData)
            } else if frame.length == 0, !frame.endsStream {
                count(.emptyData)
            }
        case .continuation, .goAway, nil: break
        }
    }

    /// What belongs to no open stream: the session ignores it all, since it does not remember closed streams.
    private func checkClosed(_ frame: HTTP2Frame) {
        switch closedStreams.meaning(of: frame.stream) {
        case .new, .late: break
        case .over: session?.terminate(.streamClosed)
        // A body may be long under way; a head that is comes with a number it cannot have (RFC 9113, section 5.1.1).
        case .unknown: if frame.kind == .headers { session?.terminate(.protocolError) }
        }
    }

    private func count(_ kind: HTTP2FloodGuard.Kind) {
        if !floods.allows(kind, now: loop.now) { calmDown() }
    }

    func frameReceived(_ frame: HTTP2Frame) {
        switch frame.kind {
        case .headers:
            guard let stream = streams[frame.stream] else { return }
            stream.bytesReceived += frame.size
            if stream.phase == .head {
                headEnded(stream, endsStream: frame.endsStream)
            } else {
                trailersEnded(stream)
            }
            if frame.endsStream { ended(stream) }
        case .data:
            guard let stream = streams[frame.stream] else { return }
            stream.bytesReceived += frame.size
            if frame.length > 0 { floods.earnDataFrame() }
            if frame.endsStream { ended(stream) }
        case .settings: if frame.isAcknowledgement { settingsWereAcknowledged() }
        case .ping: if frame.isAcknowledgement { decideEnd() }
        case .priority, .resetStream, .goAway, .windowUpdate, .continuation, nil: break
        }
    }

    // MARK: Heads

    func fieldsBegan(on id: Int32, areTrailers: Bool) -> HTTP2ErrorCode? {
        if areTrailers {
            streams[id]?.builder = HTTP2HeadBuilder(limits: limits)
            return nil
        }
        closedStreams.opened(id)
        // Streams that were reset are gone, what they asked for may still be computed: that, too, has its bound.
        guard running < loop.configuration.maxConcurrentStreams else {
            closedStreams.closed(id, early: true)
            return .refusedStream
        }
        let stream = HTTP2Stream(id: id, start: loop.now)
        stream.builder = HTTP2HeadBuilder(limits: limits)
        stream.deadline = loop.deadline(in: loop.configuration.headTimeout)
        note(stream.deadline)
        streams[id] = stream
        return nil
    }

    func field(on id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        guard let stream = streams[id] else { return }
        unsafe stream.builder?.add(name: name, value: value)
        if stream.builder?.isFarTooLarge == true { calmDown() }
    }

    private func headEnded(_ stream: HTTP2Stream, endsStream: Bool) {
        loop.requests.add(1)
        guard var builder = stream.builder.take() else { return }
        stream.isHead = builder.isHead
        do throws(HTTPError) {
            let head = try builder.finish(endsStream: endsStream, tls: tls)
            stream.head = head
            stream.requestID = RequestID(client: head.headers.bytes("x-request-id"), numbers: &loop.numbers)
            stream.phase = .body
            switch loop.handler.admit(head, from: peer) {
            case .admitted(let client): stream.client = client
            case .streamed(let handler, let client):
                stream.client = client
                if !stream.isHead, let id = stream.requestID {
                    if head.expectsContinue { _ = session?.submitHead(on: stream.id, HTTP2FieldBlock(status: 100)) }
                    return begin(handler, on: stream, id: id)
                }
            case .refused(let refusal, let client):
                stream.client = client
                return respond(stream, refusal)
            }
            guard !endsStream else { return }
            if case .length(let length) = head.framing {
                guard length <= loop.configuration.maxBodyBytes else {
                    throw .bodyTooLarge(limit: loop.configuration.maxBodyBytes, announced: length)
                }
                guard loop.memory.hasRoom(for: length) else { throw .noRoom(limit: loop.memory.limit) }
                stream.body = HTTPBody(length: length, within: loop.memory)
            } else {
                stream.body = HTTPBody(within: loop.memory)
            }
            if head.expectsContinue { _ = session?.submitHead(on: stream.id, HTTP2FieldBlock(status: 100)) }
            stream.deadline = loop.deadline(in: loop.configuration.bodyTimeout)
            note(stream.deadline)
        } catch {
            fail(stream, error)
        }
    }

    /// Answers what is wrong, or resets the stream where RFC 9113, section 8.1.1, calls the request malformed.
    func fail(_ stream: HTTP2Stream, _ error: HTTPError) {
        if let flow = stream.flow {
            if flow.hasHead || flow.hasEnded { return session?.reset(stream.id, .cancel) ?? () }
            cancel(stream, flow)
            stream.flow = nil
        }
        switch error {
        case .malformed(.target), .malformed(.percentEncoding):
            respond(stream, loop.handler.errorResponse(error, to: stream.head))
        case .malformed: session?.reset(stream.id, .protocolError)
        default: respond(stream, loop.handler.errorResponse(error, to: stream.head))
        }
    }

    private func trailersEnded(_ stream: HTTP2Stream) {
        guard let builder = stream.builder.take(), stream.phase == .body || stream.phase == .streaming else { return }
        do throws(HTTPError) { stream.trailers = try builder.finishTrailers() } catch { fail(stream, error) }
    }

    // MARK: Bodies

    func data(on id: Int32, _ bytes: UnsafeRawBufferPointer) {
        session?.consume(bytes.count)
        // What comes behind an early answer is dropped, and its window stays shut.
        guard let stream = streams[id] else { return }
        if let flow = stream.flow { return flow.hasEnded ? () : unsafe data(on: stream, flow, bytes) }
        guard stream.phase == .body else { return }
        let limit = loop.configuration.maxBodyBytes
        guard bytes.count <= limit - stream.body.count else {
            return fail(stream, .bodyTooLarge(limit: limit, announced: nil))
        }
        let before = stream.body.count
        if before == 0, bytes.count >= HTTPBodyOutline.leastFrame, let head = stream.head {
            unsafe stream.body.prepare(for: head, beginning: bytes, loop.handler)
        }
        guard unsafe stream.body.append(bytes) else { return fail(stream, .noRoom(limit: loop.memory.limit)) }
        stream.held += bytes.count
        budget.hold(body: bytes.count)
        let step = loop.configuration.bodyStep
        if stream.body.count / step != before / step {
            stream.deadline = loop.deadline(in: loop.configuration.bodyTimeout)
        }
        if budget.hasRoom || isOldestUpload(stream) {
            session?.consume(bytes.count, on: id)
            if stream.body.count >= Self.streamWindow / 2 { widen(stream) }
        } else {
            stream.withheld += bytes.count
            // The client is not waited for while it may not send.
            stream.deadline = .max
            withheld.insert(id)
        }
    }

    /// Lets the client send more of a large body at a time.
    private func widen(_ stream: HTTP2Stream) {
        guard !stream.hasLargeWindow, largeWindows < Self.mostLargeWindows, budget.hasPlenty else { return }
        stream.hasLargeWindow = true
        largeWindows += 1
        session?.widen(stream.id, to: Self.largeStreamWindow)
    }

    func isOldestUpload(_ stream: HTTP2Stream) -> Bool {
        !streams.values.contains {
            $0.id < stream.id && ($0.phase == .body || $0.phase == .streaming && $0.flow?.handler.appetite == .rest)
        }
    }

    /// Lets streams go on that were held back, the oldest first, as far as there is room now. True if there were any.
    func widenWindows() -> Bool {
        guard !withheld.isEmpty else { return false }
        var isAny = false
        for id in withheld.sorted() {
            guard let stream = streams[id], stream.phase == .body || stream.phase == .streaming else {
                withheld.remove(id)
                continue
            }
            if let flow = stream.flow {
                guard mayGoOn(stream, flow.handler.appetite) else { continue }
            } else {
                guard budget.hasRoom || isOldestUpload(stream) else { break }
            }
            isAny = true
            session?.consume(stream.withheld, on: id)
            stream.withheld = 0
            withheld.remove(id)
            if let flow = stream.flow {
                keepTime(stream, flow, renewed: true)
            } else {
                stream.deadline = loop.deadline(in: loop.configuration.bodyTimeout)
                note(stream.deadline)
            }
        }
        return isAny
    }

    // MARK: Handing over

    /// The client has sent all of the request.
    private func ended(_ stream: HTTP2Stream) {
        stream.clientIsDone = true
        if let flow = stream.flow { return flow.hasEnded ? () : bodyEnded(stream, flow) }
        guard stream.phase == .body, stream.resetCode == nil else { return }
        stream.deadline = .max
        guard budget.mayBegin else {
            stream.phase = .waiting
            return waiting.append(stream.id)
        }
        dispatch(stream)
    }

    /// Begins requests that had to wait. True if there were any, so that there may be something to send.
    func beginWaiting() -> Bool {
        guard !waiting.isEmpty, budget.mayBegin else { return false }
        let id = waiting.removeFirst()
        if let stream = streams[id], stream.phase == .waiting { dispatch(stream) }
        return true
    }

    /// Begins with the request of an upgrade, which is stream 1 and complete.
    func begin(_ request: HTTP1Connection.Switch, settings: [UInt8], into output: OutputBuffer) {
        guard session?.upgrade(settings: settings, isHead: request.head.method == .head) == true else {
            session?.terminate(.protocolError)
            return send(into: output)
        }
        let stream = HTTP2Stream(id: 1, start: request.start)
        stream.head = request.head
        stream.isHead = request.head.method == .head
        stream.body = request.body
        stream.requestID = request.id
        stream.client = request.client
        stream.bytesReceived = request.bytesReceived
        stream.held = request.body.count
        stream.phase = .body
        budget.hold(body: stream.held)
        streams[1] = stream
        ended(stream)
        send(into: output)
    }

    private func dispatch(_ stream: HTTP2Stream) {
        guard let head = stream.head, let id = stream.requestID else { return }
        let exchange = makeExchange(stream.id)
        let request = HTTPRequest(
            head: head, body: stream.body, trailers: stream.trailers ?? .none, id: id, peer: peer)
        stream.exchange = exchange
        stream.phase = .running
        // The body belongs to the request from here on.
        stream.body = .empty
        running += 1
        if let answer = loop.run(request, exchange) { take(answer, of: exchange) }
    }
}
