import HTTPServer
import Locks

/// One conversation over HTTP/1, watched: what the client gets is read as it comes, and has to be proper at every point.
final class ConnectionRun {
    let input: [UInt8]
    private(set) var received = 0
    /// The final answers, each without what changes from run to run.
    private(set) var answers: [String] = []
    private let handler: ConnectionFuzzHandler
    private let conversation: WireConversation
    private var unread: [UInt8] = []
    private var isClosed = false
    private var inputHasEnded = false
    private let unreadLimit: Int

    init(_ input: [UInt8], _ configuration: ServerConfiguration, answersLate: Bool) throws(FuzzFailure) {
        self.input = input
        handler = ConnectionFuzzHandler(answersLate: answersLate)
        conversation = WireConversation(configuration: configuration, handler: handler, observer: handler)
        // A head, or the line of a chunk.
        unreadLimit = max(configuration.maxHeadBytes, 1024) + 2
    }

    func receive(upTo end: Int) throws(FuzzFailure) {
        guard !inputHasEnded, received < input.count else { return }
        let end = min(end, input.count)
        let piece = Array(input[received..<end])
        received = end
        try take(conversation.receive(piece))
        if handler.waiting == 0, conversation.unreadCount > unreadLimit {
            throw FuzzFailure("\(conversation.unreadCount) bytes are kept", input)
        }
    }

    /// Answers until no request waits, since each answer may let the next request in.
    func sendAnswers() throws(FuzzFailure) {
        while handler.answerAll() { try take(conversation.sendLateAnswers()) }
    }

    func timeOut() throws(FuzzFailure) { try take(conversation.timeOut()) }
    func drain() throws(FuzzFailure) { try take(conversation.beginDraining()) }

    func endInput() throws(FuzzFailure) {
        inputHasEnded = true
        try take(conversation.endInput())
    }

    /// The client is gone, and every request is let go all the same.
    func finish() throws(FuzzFailure) {
        conversation.abandon()
        _ = handler.answerAll()
        try take(conversation.sendLateAnswers())
        guard handler.observed >= handler.requests.count else { throw FuzzFailure("a request was never let go", input) }
    }

    func compare(with naive: NaiveStream) throws(FuzzFailure) {
        guard handler.requests == naive.requests else {
            throw FuzzFailure("the handler got \(handler.requests), not \(naive.requests)", input)
        }
        // What is not whole may be wrong already.
        let isRight =
            switch naive.ending {
            case .partial: true
            case .refused:
                conversation.isFinished
                    && (answers.last?.hasPrefix("4") == true || answers.last?.hasPrefix("5") == true)
            case .closed: conversation.isFinished
            }
        guard isRight, conversation.isFinished == isClosed else {
            throw FuzzFailure("\(naive.ending), but finished is \(conversation.isFinished)", input)
        }
        guard unread.isEmpty else { throw FuzzFailure("an answer is cut off", input) }
    }

    // MARK: Answers

    private func take(_ bytes: [UInt8]) throws(FuzzFailure) {
        unread += bytes
        while !unread.isEmpty {
            guard let end = unread.firstRange(of: [13, 10, 13, 10] as [UInt8]) else {
                throw FuzzFailure("a head is cut off", input)
            }
            if isClosed { throw FuzzFailure("something follows the last answer", input) }
            let lines = String(decoding: unread[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            guard let status = Int(lines[0].dropFirst(9).prefix(3)), lines[0].hasPrefix("HTTP/1.1 ") else {
                throw FuzzFailure("no status line: \(lines[0])", input)
            }
            unread.removeFirst(end.upperBound)
            if status == 100 { continue }
            try takeAnswer(status, Array(lines.dropFirst()))
        }
    }

    private func takeAnswer(_ status: Int, _ lines: [Substring]) throws(FuzzFailure) {
        func value(_ name: String) -> Substring? {
            lines.first { $0.hasPrefix(name) }?.dropFirst(name.count)
        }
        isClosed = value("Connection: ") == "close"
        guard value("Date: ") != nil, value("X-Request-Id: ") != nil else {
            throw FuzzFailure("an answer without its fields", input)
        }
        let length = Int(value("Content-Length: ") ?? "0") ?? 0
        var body = ""
        // The handler tells of a HEAD request; what the server refuses by itself is the last answer.
        let hasNone = value("X-Head: ") != nil || isClosed && unread.isEmpty
        if !hasNone {
            guard unread.count >= length else { throw FuzzFailure("a body is cut off", input) }
            body = String(decoding: unread.prefix(min(length, 100)), as: UTF8.self)
            unread.removeFirst(length)
        }
        // The handler's answers are numbered.
        if let number = value("X-Number: ") {
            guard Int(number) == handler.takeNumber() else { throw FuzzFailure("out of order: \(number)", input) }
        } else if status == 500 {
            _ = handler.takeNumber()
        }
        answers.append("\(status) \(length) \(isClosed) \(body)")
    }
}

/// Numbers requests and answers them at once, late, or never.
private final class ConnectionFuzzHandler: HTTPHandler, HTTPExchangeObserver {
    private struct State: ~Copyable {
        var requests: [String] = []
        var observed = 0
        var nextAnswer = 0
        var held: [@Sendable () -> Void] = []
    }

    private let state = Lock(State())
    private let answersLate: Bool

    init(answersLate: Bool) { self.answersLate = answersLate }

    var requests: [String] { state.withLock { $0.requests } }
    var observed: Int { state.withLock { $0.observed } }
    var waiting: Int { state.withLock { $0.held.count } }

    /// The number that the next answer has to have.
    func takeNumber() -> Int {
        state.withLock { state in
            defer { state.nextAnswer += 1 }
            return state.nextAnswer
        }
    }

    func exchangeFinished(_ record: ExchangeRecord) { state.withLock { $0.observed += 1 } }

    func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        guard head.target.isPath("/r") else { return .welcome }
        return .refused(HTTPResponse(404, headers: head.method == .head ? [("X-Head", "1")] : [], body: [0x72]))
    }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let body = unsafe request.body.withUnsafeBytes { unsafe Array($0) }
        let seen = NaiveStream.describe(
            request.method.rawValue, request.target.rawPath, request.target.rawQuery,
            request.headers.all.map { [$0.name.lowercased(), $0.value] }, body)
        let number = state.withLock { state in
            state.requests.append(seen)
            return state.requests.count - 1
        }
        var response = HTTPResponse(
            request.target.isPath("/n") ? .noContent : .ok, headers: [("X-Number", "\(number)")],
            // Some are so large that they are sent from where they lie.
            body: [UInt8](repeating: 0x61, count: number % 6 == 5 ? 20_000 : body.count))
        if request.method == .head { response.headers.append(("X-Head", "1")) }
        response.closesConnection = request.target.isPath("/c")
        // A responder that is dropped sends a 500; of HEAD and /c it would not be told.
        if number % 7 == 6, request.method != .head, !request.target.isPath("/c") { return }
        guard answersLate, number % 3 != 0 else { return responder.respond(response) }
        let answer = response
        let pending = PendingResponder(responder)
        state.withLock { $0.held.append { pending.respond(answer) } }
    }

    /// Gives the answers that are held. False when there were none.
    func answerAll() -> Bool {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for answer in held { answer() }
        return !held.isEmpty
    }
}
