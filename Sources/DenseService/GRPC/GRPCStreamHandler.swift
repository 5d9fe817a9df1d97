internal import ContentCoding
internal import GRPCWire
internal import HTTPServer
internal import Locks

/// What a streamed call does with its messages. On any thread, one call after the other, but for `mayReceive`.
protocol GRPCStreamCall: AnyObject, Sendable {
    /// The call begins. `messages`, which owns the call, has to hear when `mayReceive` may have become true.
    func begin(_ answer: GRPCStreamAnswer, _ messages: GRPCStreamHandler)
    /// Takes a message. Its bytes count as held until they are released.
    func receive(_ message: GRPCMessage, held: Int)
    /// The client has sent its last message, and all of them were received.
    func receiveEnd()
    /// Whether it would take another message now.
    var mayReceive: Bool { get }
    /// The server is stopping.
    func drain()
}

/// Takes the body of a streamed call apart. What its call does not take yet waits as the bytes that came, of which the
/// window lets no more come then.
///
/// `@unchecked Sendable`: whoever has set `isBusy` has the framer and the unfinished message for himself; all else is behind
/// the lock.
final class GRPCStreamHandler: HTTPStreamHandler, @unchecked Sendable {
    private struct State {
        var answer: GRPCStreamAnswer?
        /// Bytes that wait, from `start` on.
        var backlog: [UInt8] = []
        var start = 0
        /// What came while somebody was busy with the backlog.
        var incoming: [UInt8] = []
        var isBusy = false
        var isInside = false
        var hasEnded = false
        var endIsTold = false
    }

    private let call: any GRPCStreamCall
    private let coding: ContentCoding?
    private let state = Lock(State())
    private var framer: GRPCFramer
    private var message: (body: HTTPBody, isCompressed: Bool)?
    private let limit: Int

    init(_ call: any GRPCStreamCall, _ coding: ContentCoding?, limit: Int) {
        self.call = call
        self.coding = coding
        self.limit = limit
        framer = GRPCFramer(limit: limit)
    }

    // MARK: HTTPStreamHandler

    func begin(_ stream: HTTPStream) {
        let answer = GRPCStreamAnswer(stream)
        state.withLock { $0.answer = answer }
        call.begin(answer, self)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        let isFirst = state.withLock { state in
            if state.isBusy {
                unsafe state.incoming.append(contentsOf: bytes)
            } else if state.start < state.backlog.count {
                unsafe state.backlog.append(contentsOf: bytes)
            } else {
                state.isBusy = true
                return true
            }
            return false
        }
        if isFirst {
            let count = unsafe process(bytes)
            state.withLock { state in
                unsafe state.backlog.append(contentsOf: bytes[count...])
                settle(&state)
            }
        }
        goOn()
    }

    func receiveEnd() {
        state.withLock { $0.hasEnded = true }
        goOn()
    }

    var appetite: HTTPStreamAppetite {
        let isInside = state.withLock { state in
            state.start < state.backlog.count || !state.incoming.isEmpty ? nil : state.isInside
        }
        guard let isInside else { return .none }
        return isInside ? .rest : call.mayReceive ? .anything : .none
    }

    func sendMore() { goOn() }
    func drain() { call.drain() }

    func cancel() {
        state.withLock { state in
            state.backlog = []
            state.start = 0
            state.hasEnded = false
            state.answer = nil
        }
    }

    // MARK: From any thread

    /// Whether everything that has come was received, and nothing has come in part.
    var isAtRest: Bool {
        state.withLock { !$0.isBusy && !$0.isInside && $0.start >= $0.backlog.count && $0.incoming.isEmpty }
    }

    /// Goes on with what waits, as far as the call takes it.
    func goOn() {
        while true {
            let bytes: [UInt8]? = state.withLock { state in
                guard !state.isBusy, state.start < state.backlog.count, state.isInside || call.mayReceive else {
                    return nil
                }
                state.isBusy = true
                return Array(state.backlog[state.start...])
            }
            guard let bytes else { break }
            let count = unsafe bytes.withUnsafeBytes { unsafe process($0) }
            state.withLock { state in
                state.start += count
                settle(&state)
            }
        }
        tellEnd()
    }

    /// Nobody is busy any more.
    private func settle(_ state: inout State) {
        if state.start >= state.backlog.count {
            state.backlog.removeAll()
            state.start = 0
        }
        state.backlog += state.incoming
        state.incoming.removeAll()
        state.isInside = framer.isInside
        state.isBusy = false
    }

    private func tellEnd() {
        let end: (isCutOff: Bool, answer: GRPCStreamAnswer?)? = state.withLock { state in
            guard state.hasEnded, !state.endIsTold, !state.isBusy, state.start >= state.backlog.count else {
                return nil
            }
            state.endIsTold = true
            return (state.isInside, state.answer)
        }
        guard let end else { return }
        if end.isCutOff {
            end.answer?.end(
                GRPCStatus(.internalError, "The last message is cut off. Expected more bytes, received none."))
        } else {
            call.receiveEnd()
        }
    }

    /// Hands on the messages that are complete, as long as the call takes them. Returns how many bytes are done with.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        let input = unsafe bytes.bindMemory(to: UInt8.self).span
        var position = 0
        guard let answer = state.withLock({ $0.answer }), !answer.hasEnded else { return bytes.count }
        do throws(GRPCFrameError) {
            while framer.isInside || call.mayReceive, let event = try framer.next(input, at: &position) {
                switch event {
                case .begin(let length, let isCompressed):
                    message = (answer.stream.makeBody(length: length), isCompressed)
                case .bytes(let range):
                    guard let message,
                        unsafe message.body.append(decoded: UnsafeRawBufferPointer(rebasing: bytes[range]))
                    else {
                        answer.end(GRPCStatus(.resourceExhausted, "There is no room for this message now."))
                        return bytes.count
                    }
                case .end: complete(answer)
                }
            }
        } catch {
            answer.end(GRPCStatus(error))
            return bytes.count
        }
        return position
    }

    private func complete(_ answer: GRPCStreamAnswer) {
        guard let (body, isCompressed) = message else { return }
        message = nil
        do throws(GRPCError) {
            let message = try GRPCMessage(body, 0..<body.count, coding, isCompressed: isCompressed)
            call.receive(message, held: body.count + GRPCFramer.prefixBytes)
        } catch { answer.end(error.status) }
    }
}
