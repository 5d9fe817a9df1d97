/// From answers to the session's frames.
extension HTTP2Connection {
    func answer(_ exchange: Exchange, with response: HTTPResponse?, into output: OutputBuffer) {
        take(response, of: exchange)
        send(into: output)
    }

    /// Takes the answer to an exchange, nil for one that never got any.
    func take(_ response: HTTPResponse?, of exchange: Exchange) {
        running -= 1
        guard let stream = streams[exchange.stream], stream.exchange === exchange else {
            // Its stream is gone.
            budget.release(body: orphans.removeValue(forKey: ObjectIdentifier(exchange)) ?? 0)
            return
        }
        respond(stream, response ?? loop.handler.errorResponse(.unanswered, to: stream.head))
    }

    /// Begins to send an answer, whether or not all of the request is there.
    func respond(_ stream: HTTP2Stream, _ response: HTTPResponse) {
        let response = loop.bounded(response, to: stream.head)
        budget.release(body: stream.held)
        stream.held = 0
        stream.body = .empty
        stream.phase = .sending
        stream.status = response.status.code
        stream.innerStatus = response.innerStatus
        stream.turnsAway = response.turnsAway
        let forbidsBody = response.status.forbidsBody
        let trailers = stream.isHead || forbidsBody ? nil : response.trailers.map(HTTP2FieldBlock.init(trailers:))
        if stream.requestID == nil { stream.requestID = .generate() }
        let fields = HTTP2FieldBlock(
            response, id: stream.requestID ?? .generate(), date: loop.date,
            length: forbidsBody || trailers != nil ? nil : response.body.count)
        let wasTaken: Bool?
        if stream.isHead || forbidsBody || response.body.isEmpty && trailers == nil {
            wasTaken = session?.respond(on: stream.id, fields, hasBody: false)
        } else if response.body.isEmpty, let trailers {
            wasTaken =
                session?.submitHead(on: stream.id, fields) == true
                && session?.submitTrailers(on: stream.id, trailers) == true
        } else {
            stream.answer = response.body
            stream.charge = MemoryCharge(loop.memory)
            stream.charge.force(response.body.count)
            stream.answerTrailers = trailers
            budget.hold(answer: response.body.count)
            wasTaken = session?.respond(on: stream.id, fields, hasBody: true)
            if response.body.count > Self.largeAnswer { session?.makeIncremental(stream.id) }
            stream.deadline = loop.deadline(in: loop.configuration.sendTimeout)
            note(stream.deadline)
        }
        if wasTaken != true { session?.reset(stream.id, .internalError) }
        if response.closesConnection { announceEnd() }
    }

    // MARK: What the session asks for

    func rest(on id: Int32) -> HTTP2Session.Rest {
        guard let stream = streams[id] else { return HTTP2Session.Rest(count: 0, trailers: nil) }
        if let flow = stream.flow { return flow.rest }
        return HTTP2Session.Rest(count: stream.answer.count - stream.sent, trailers: stream.answerTrailers)
    }

    func writeData(on id: Int32, header: UnsafeRawBufferPointer, count: Int) -> Bool {
        guard let output, let stream = streams[id] else { return true }
        if output.isFull { return false }
        unsafe output.append(header)
        if let flow = stream.flow {
            flow.write(count, into: output)
            wrote(count, on: stream, flow)
            tookAnswer(count)
            return true
        }
        let end = min(stream.sent + count, stream.answer.count)
        unsafe stream.answer.withUnsafeBytes {
            unsafe output.append(UnsafeRawBufferPointer(rebasing: $0[stream.sent..<end]))
        }
        let step = loop.configuration.sendStep
        if end / step != stream.sent / step {
            stream.deadline = loop.deadline(in: loop.configuration.sendTimeout)
        }
        tookAnswer(count)
        stream.sent = end
        return true
    }

    /// The client has taken so many bytes of answers.
    private func tookAnswer(_ count: Int) {
        taken += count
        if taken >= loop.configuration.sendStep {
            taken = 0
            lastTaken = loop.now
        }
        budget.release(answer: count)
    }

    func frameSent(_ frame: HTTP2Frame) {
        guard let stream = streams[frame.stream] else {
            if frame.kind == .resetStream, frame.errorCode != .noError { countReset() }
            return
        }
        switch frame.kind {
        case .headers, .data:
            stream.bytesSent += frame.size
            if frame.kind == .data { floods.earnDataFrame() }
            guard frame.endsStream else { return }
            stream.isSent = true
            floods.earnAnswer()
            report(stream)
            // The rest of the request is not wanted, and the client may be told so (RFC 9113, section 8.1). But not at
            // once: some clients that are sending take a reset for a failure and drop the answer.
            if !stream.clientIsDone {
                stream.deadline = loop.deadline(in: loop.configuration.lingerTimeout)
                note(stream.deadline)
            }
        case .resetStream:
            stream.resetCode = frame.errorCode
            if frame.errorCode != .noError { countReset() }
        default: break
        }
    }

    private func countReset() {
        if !floods.allows(.ownReset, now: loop.now) { calmDown() }
    }

    func streamClosed(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        if stream.hasLargeWindow { largeWindows -= 1 }
        closedStreams.closed(id, early: !stream.clientIsDone && stream.resetCode != nil)
        if let flow = stream.flow {
            budget.release(answer: flow.unsent)
            cancel(stream, flow)
        }
        if stream.phase == .running, let exchange = stream.exchange {
            exchange.clientLeft()
            orphans[ObjectIdentifier(exchange)] = stream.held
        } else {
            budget.release(body: stream.held)
        }
        budget.release(answer: stream.answer.count - stream.sent)
        report(stream)
        if streams.isEmpty { becameIdle() }
    }

    /// Takes note of a stream's record, once.
    private func report(_ stream: HTTP2Stream) {
        guard !stream.isReported else { return }
        stream.isReported = true
        if let record = stream.finished() { finished.append(record) }
    }
}
