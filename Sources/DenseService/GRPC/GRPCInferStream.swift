internal import GRPCWire
internal import HTTPServer
internal import Locks

/// A call of `ModelStreamInfer`: its requests are computed as they come, several at once, and answered in their order.
final class GRPCInferStream: GRPCStreamCall {
    /// The most requests of one stream that are computed at once.
    private static let maximumRunning = 64

    private struct State {
        var answer: GRPCStreamAnswer?
        weak var messages: GRPCStreamHandler?
        /// Requests begun, and answered.
        var begun = 0
        var sent = 0
        /// Answers that wait for earlier ones, by the request's number.
        var waiting: [Int: [UInt8]] = [:]
        var hasEnded = false
        var isDraining = false
    }

    private let service: Service
    private let timeout: GRPCTimeout?
    private let start: Int
    private let state = Lock(State())

    init(_ service: Service, _ head: HTTPRequestHead, _ timeout: GRPCTimeout?) {
        self.service = service
        self.timeout = timeout
        start = Timing.now
    }

    func begin(_ answer: GRPCStreamAnswer, _ messages: GRPCStreamHandler) {
        state.withLock { state in
            state.answer = answer
            state.messages = messages
        }
    }

    var mayReceive: Bool {
        state.withLock { $0.begun - $0.sent < Self.maximumRunning && $0.answer?.hasRoom == true }
    }

    func receive(_ message: GRPCMessage, held: Int) {
        let (number, answer) = state.withLock { state in
            defer { state.begun += 1 }
            return (state.begun, state.answer)
        }
        guard let answer else { return }
        service.metrics.requestStarted()
        // The deadline is the whole call's.
        let timing = Timing(
            arrival: Timing.now, timeout: timeout?.left(since: start), limit: service.configuration.requestTimeout)
        let responder = HTTPResponder(of: answer.stream) { [self] response in
            finish(number, response.body)
            answer.stream.release(held)
            state.withLock { $0.messages }?.goOn()
            endIfDone()
        }
        service.infer(GRPCInferJob(message, timing, service), responder)
    }

    private func finish(_ number: Int, _ framed: [UInt8]) {
        state.withLock { state in
            state.waiting[number] = framed
            while let next = state.waiting.removeValue(forKey: state.sent) {
                state.answer?.send(next)
                state.sent += 1
            }
        }
    }

    func receiveEnd() {
        state.withLock { $0.hasEnded = true }
        endIfDone()
    }

    func drain() {
        state.withLock { $0.isDraining = true }
        endIfDone()
    }

    private func endIfDone() {
        // Not under this lock: the messages ask this call under theirs.
        let isAtRest = state.withLock { $0.messages }?.isAtRest ?? true
        let (answer, status): (GRPCStreamAnswer?, GRPCStatus?) = state.withLock { state in
            guard state.begun == state.sent else { return (nil, nil) }
            if state.hasEnded { return (state.answer, .ok) }
            guard state.isDraining, isAtRest else { return (nil, nil) }
            return (state.answer, GRPCStatus(GRPCCallError.draining))
        }
        if let answer, let status { answer.end(status) }
    }
}

extension GRPCTimeout {
    /// What is left of it.
    fileprivate func left(since start: Int) -> GRPCTimeout {
        GRPCTimeout(nanoseconds: max(0, nanoseconds - (Timing.now - start)))
    }
}
