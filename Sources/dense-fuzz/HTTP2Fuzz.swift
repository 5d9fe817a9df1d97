import HTTPServer
import Locks

/// HTTP/2 sessions: whatever comes and however it is cut, what is sent are whole and proper frames, nothing follows the end
/// of a stream, and every request is let go in the end.
package enum HTTP2Fuzz {
    package static var target: FuzzTarget {
        FuzzTarget(name: "h2", seeds: seeds, tokens: [], byteTokens: tokens, check: check)
    }

    // MARK: Inputs

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let start = preface + frame(4) + frame(4, flags: 1)

    /// `:method: GET`, `:scheme: http`, `:path: /` from the static table, and an authority.
    private static let get: [UInt8] = [0x82, 0x86, 0x84, 0x41, 1, 0x61]
    private static let post: [UInt8] = [0x83, 0x86, 0x84, 0x41, 1, 0x61]

    private static let seeds: [[UInt8]] = [
        [script, 6, 7, 16, 26], [script, 8, 9, 10, 18, 21, 28, 32, 13, 15], [script, 6, 2, 3, 4, 5, 16, 15],
        [script, 18, 14, 19, 22, 25, 28, 29, 240],
        start + frame(1, flags: 5, stream: 1, get) + frame(1, flags: 5, stream: 3, get),
        start + frame(1, flags: 4, stream: 1, post) + frame(0, stream: 1, Array("hello".utf8))
            + frame(0, flags: 1, stream: 1)
            + frame(6, [1, 2, 3, 4, 5, 6, 7, 8]),
        start + frame(1, stream: 1, Array(get[..<3])) + frame(9, flags: 4, stream: 1, Array(get[3...]))
            + frame(3, stream: 1, [0, 0, 0, 8]),
        start + frame(4, [0, 4, 0, 0, 0, 2]) + frame(1, flags: 5, stream: 1, get) + frame(8, stream: 1, [0, 0, 0, 9])
            + frame(8, [0, 0, 1, 0]) + frame(7, [0, 0, 0, 0, 0, 0, 0, 0]),
        start + frame(1, flags: 4, stream: 1, post + [0x0F, 0x0D, 1, 0x33]) + frame(0, stream: 1, [1, 2, 3])
            + frame(1, flags: 5, stream: 1, [0x40, 1, 0x78, 1, 0x79]) + frame(2, stream: 3, [0, 0, 0, 0, 9]),
        start + frame(0, flags: 8, stream: 1, [1, 2, 0])
            + frame(1, flags: 0x2D, stream: 1, [1, 0, 0, 0, 0, 9] + get + [0]),
        Array(
            ("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 3\r\n\r\nabc").utf8) + start
            + frame(1, flags: 5, stream: 3, get),
    ]

    private static let tokens: [[UInt8]] = {
        var tokens: [[UInt8]] = [
            preface, start, get, post, [0x3F, 0xE1, 0x1F], [0x20], [0xBE], [0x80], [0, 1, 0x61, 1, 0x62],
        ]
        // Every type with some flags, on some streams, of the size it should have and of others.
        for kind: UInt8 in 0...10 {
            for size in [0, 1, 4, 5, 6, 8] {
                for (flags, stream) in [(0, 0), (1, 1), (4, 1), (5, 3), (0x28, 5)] as [(UInt8, UInt8)] {
                    tokens.append(frame(kind, flags: flags, stream: stream, [UInt8](repeating: kind, count: size)))
                }
            }
        }
        for value: UInt8 in [0, 1, 0x40, 0x7F, 0xFF] {
            for setting: UInt8 in 1...9 { tokens.append(frame(4, [0, setting, value, 0xFF, 0xFF, 0xFF])) }
            for stream: UInt8 in [0, 1, 3] { tokens.append(frame(8, stream: stream, [value, 0, 0, value])) }
        }
        for stream: UInt8 in stride(from: 1, to: 20, by: 2) {
            tokens.append(frame(1, flags: 5, stream: stream, get))
            tokens.append(frame(1, flags: 4, stream: stream, post))
            tokens.append(frame(0, flags: 1, stream: stream, [0x61]))
            tokens.append(frame(3, stream: stream, [0, 0, 0, 8]))
        }
        // Fields that are forbidden, special or long.
        for (name, value) in [
            ("connection", "close"), ("te", "trailers"), ("te", "gzip"), ("content-length", "3"), ("host", "a"),
            ("cookie", "a=b"),
            (":path", "/%zz"), (":path", "*"), (":method", "CONNECT"), (":method", "HEAD"), (":authority", "b"),
            ("A", "b"),
            ("a", " b"), ("a", "\0"), ("expect", "100-continue"), ("x", String(repeating: "y", count: 126)),
            (":status", "200"),
        ] {
            tokens.append(
                [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8))
        }
        return tokens
    }()

    private static func frame(_ kind: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        [0, 0, UInt8(payload.count), kind, flags, 0, 0, 0, stream] + payload
    }

    /// Marks an input whose every byte stands for a frame.
    private static let script: UInt8 = 0xFE

    /// Frames that belong to proper requests, in no particular order: what a script is mostly made of.
    private static let properFrames: [[UInt8]] = {
        var frames = [
            frame(4), frame(4, flags: 1), frame(4, [0, 4, 0, 0, 0, 9]), frame(6, [1, 2, 3, 4, 5, 6, 7, 8]),
            frame(6, flags: 1, [UInt8](repeating: 0, count: 8)), frame(8, [0, 0, 1, 0]),
        ]
        for stream: UInt8 in stride(from: 1, to: 12, by: 2) {
            frames += [
                frame(1, flags: 5, stream: stream, get), frame(1, flags: 5, stream: stream, get),
                frame(1, flags: 4, stream: stream, post), frame(0, stream: stream, [0x61, 0x62]),
                frame(0, flags: 1, stream: stream, [0x63]), frame(0, flags: 1, stream: stream),
                frame(1, flags: 5, stream: stream, [0, 1, 0x61, 1, 0x62]), frame(3, stream: stream, [0, 0, 0, 8]),
                frame(8, stream: stream, [0, 0, 0, 3]),
                frame(1, stream: stream, get) + frame(9, flags: 4, stream: stream, [0x40, 1, 0x78, 1, 0x79]),
            ]
        }
        return frames
    }()

    /// The bytes an input stands for: a script's frames, or itself, mostly with the preface in front where it has lost
    /// its own, since it would teach about HTTP/1 only.
    private static func stream(_ input: [UInt8]) -> [UInt8] {
        if input.first == script {
            return start
                + input.dropFirst().prefix(100).enumerated().flatMap { index, byte in
                    byte < 232
                        ? properFrames[Int(byte) % properFrames.count] : tokens[(Int(byte) * 31 + index) % tokens.count]
                }
        }
        let isKept =
            input.starts(with: preface) || input.starts(with: "POST /".utf8) || input.count.isMultiple(of: 8)
        return isKept ? input : start + input
    }

    // MARK: What has to hold

    private static func check(_ mutated: [UInt8]) throws(FuzzFailure) -> String {
        let input = stream(mutated)
        let outcome = try run(input) { _ in input.count }
        _ = try run(input) { $0 + 1 }
        // Pieces of changing sizes, different for every input.
        var random = FuzzRandom(seed: input.reduce(UInt64(input.count)) { $0 &* 31 &+ UInt64($1) })
        _ = try run(input) { $0 + Int.random(in: 1...40, using: &random) }
        return outcome
    }

    private static func run(_ input: [UInt8], step: (Int) -> Int) throws(FuzzFailure) -> String {
        var configuration = ServerConfiguration()
        // Small, so that inputs reach them.
        configuration.maxBodyBytes = 64
        configuration.maxHeadBytes = 512
        configuration.maxTargetBytes = 64
        configuration.maxConcurrentStreams = 4
        configuration.maxConnectionBytes = 128
        let handler = FuzzHandler()
        let conversation = WireConversation(configuration: configuration, handler: handler)
        var sent = HTTP2FuzzOutput()
        var end = 0
        while end < input.count {
            let start = end
            end = min(input.count, step(end))
            sent.take(conversation.receive(Array(input[start..<end])))
            if end.isMultiple(of: 7) {
                handler.answerAll()
                sent.take(conversation.sendLateAnswers())
            }
        }
        let isAlive = !conversation.isFinished
        // Time passes, the server stops, the client leaves.
        sent.take(conversation.advance(milliseconds: 31_000))
        sent.take(conversation.beginDraining())
        handler.answerAll()
        sent.take(conversation.sendLateAnswers())
        sent.take(conversation.advance(milliseconds: 100_000))
        sent.take(conversation.endInput())
        conversation.abandon()
        if let reason = sent.reason { throw FuzzFailure(reason, input) }
        guard handler.observed == handler.begun else { throw FuzzFailure("a request was never let go", input) }
        if sent.isHTTP1 { return "http/1" }
        let ending = sent.goAway.map { "goaway \($0)" } ?? "silence"
        return isAlive && sent.answers > 0 ? "ok" : isAlive ? "no answer" : ending
    }
}

/// Answers every other request at once and the others when it is told to.
private final class FuzzHandler: HTTPHandler {
    private struct State: ~Copyable {
        var begun = 0
        var answered = 0
        var held: [@Sendable () -> Void] = []
    }

    private let state = Lock(State())

    var begun: Int { state.withLock { $0.begun } }
    var observed: Int { state.withLock { $0.answered } }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        var response = HTTPResponse(.ok, body: [UInt8](repeating: 0x61, count: request.body.count * 3))
        if request.headers.contains("te") { response.trailers = [("a", "b")] }
        // A fuzzer's own look at what it was given shows that asking for it does not trap.
        _ = (request.headers.all, request.trailers.all, request.target.segments, request.target.queryItems)
        let answer = response
        let isLate = state.withLock { state in
            state.begun += 1
            return state.begun.isMultiple(of: 2)
        }
        guard isLate else {
            state.withLock { $0.answered += 1 }
            return responder.respond(answer)
        }
        let pending = PendingResponder(responder)
        state.withLock { $0.held.append { pending.respond(answer) } }
    }

    func answerAll() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.answered += state.held.count
            return state.held
        }
        for answer in held { answer() }
    }
}

/// Reads what a server sends and says what is wrong with it.
private struct HTTP2FuzzOutput {
    private(set) var reason: String?
    private(set) var goAway: UInt32?
    private(set) var answers = 0
    private(set) var isHTTP1 = false
    private var rest: [UInt8] = []
    private var wasEmpty = true
    private var ended: Set<UInt32> = []
    private var openHead: UInt32?

    mutating func take(_ bytes: [UInt8]) {
        rest += bytes
        if wasEmpty, rest.starts(with: "HTTP/1.1 ".utf8) {
            isHTTP1 = !rest.starts(with: "HTTP/1.1 101".utf8)
            rest.removeFirst(rest.firstRange(of: Array("\r\n\r\n".utf8)).map(\.upperBound) ?? rest.count)
        }
        if !bytes.isEmpty { wasEmpty = false }
        if isHTTP1 { return rest = [] }
        var position = 0
        while rest.count - position >= 9 {
            let head = rest[position..<position + 9].map { UInt32($0) }
            let length = Int(head[0] << 16 | head[1] << 8 | head[2])
            guard rest.count - position >= 9 + length else { break }
            frame(
                kind: head[3], flags: head[4], stream: head[5] << 24 | head[6] << 16 | head[7] << 8 | head[8],
                Array(rest[position + 9..<position + 9 + length]))
            position += 9 + length
        }
        rest.removeFirst(position)
        if !rest.isEmpty { reason = "a frame is cut off" }
    }

    private mutating func frame(kind: UInt32, flags: UInt32, stream: UInt32, _ payload: [UInt8]) {
        if payload.count > 16_384 { reason = "a frame is too large" }
        if let openHead, kind != 9 || openHead != stream { reason = "a head is interrupted" }
        switch kind {
        case 0, 1:
            if stream.isMultiple(of: 2) { reason = "a frame on a stream of nobody's" }
            if ended.contains(stream) { reason = "a frame behind the end of its stream" }
            if flags & 1 != 0 {
                ended.insert(stream)
                answers += 1
            }
            if kind == 1, flags & 4 == 0 { openHead = stream }
        case 3:
            if payload.count != 4 || stream == 0 { reason = "a malformed RST_STREAM" }
            ended.insert(stream)
        case 4: if !payload.count.isMultiple(of: 6) || stream != 0 { reason = "malformed SETTINGS" }
        case 6: if payload.count != 8 || stream != 0 { reason = "a malformed PING" }
        case 7:
            if payload.count < 8 || stream != 0 { reason = "a malformed GOAWAY" }
            goAway = payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
        case 8: if payload.count != 4 { reason = "a malformed WINDOW_UPDATE" }
        case 9: if flags & 4 != 0 { openHead = nil }
        default: reason = "a frame of an unknown type"
        }
    }
}
