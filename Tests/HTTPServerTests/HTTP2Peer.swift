import HTTPServer

/// What a client has got on one stream.
struct H2Answer {
    var heads: [[(name: String, value: String)]] = []
    var body: [UInt8] = []
    var ended = false
    var reset: HTTP2ErrorCode?

    /// The status of the head, interim ones aside.
    var status: Int? {
        heads.lazy.compactMap { Int($0.first { $0.name == ":status" }?.value ?? "") }.first { $0 >= 200 }
    }
    var text: String { String(decoding: body, as: UTF8.self) }

    func field(_ name: String) -> String? {
        heads.lazy.flatMap { $0 }.first { $0.name == name }?.value
    }
}

/// What a client has got on a connection, sorted.
class H2Inbox {
    private(set) var frames: [H2Frame] = []
    private(set) var answers: [UInt32: H2Answer] = [:]
    private(set) var goAways: [(last: UInt32, code: HTTP2ErrorCode)] = []
    private var rest: [UInt8] = []
    private var block: (stream: UInt32, bytes: [UInt8], ends: Bool)?
    private let decoder = FieldDecoder()

    /// The code the connection was ended with.
    var ending: HTTP2ErrorCode? { goAways.last?.code }

    subscript(_ stream: UInt32) -> H2Answer { answers[stream] ?? H2Answer() }

    /// How much the server lets through on a stream, 0 for the connection, beyond what it began with.
    func windowUpdates(_ stream: UInt32) -> Int {
        frames.lazy.filter { $0.type == .windowUpdate && $0.stream == stream }.reduce(0) { $0 + Int($1.number(at: 0)) }
    }

    /// Forgets the frames, not what was made of them.
    func forgetFrames() { frames = [] }

    /// Takes bytes in. Returns the frames that have become complete.
    @discardableResult
    func take(_ bytes: [UInt8]) -> [H2Frame] {
        rest += bytes
        let new = H2Frame.parse(&rest)
        for frame in new { sort(frame) }
        frames += new
        return new
    }

    private func sort(_ frame: H2Frame) {
        switch frame.type {
        case .headers:
            block = (frame.stream, frame.payload, frame.endsStream)
            if frame.flags & 4 != 0 { endBlock() }
        case .continuation:
            block?.bytes += frame.payload
            if frame.flags & 4 != 0 { endBlock() }
        case .data:
            answers[frame.stream, default: H2Answer()].body += frame.payload
            if frame.endsStream { answers[frame.stream, default: H2Answer()].ended = true }
        case .resetStream:
            answers[frame.stream, default: H2Answer()].reset = HTTP2ErrorCode(rawValue: frame.number(at: 0))
        case .goAway: goAways.append((frame.number(at: 0), HTTP2ErrorCode(rawValue: frame.number(at: 4))))
        default: break
        }
    }

    private func endBlock() {
        guard let block else { return }
        answers[block.stream, default: H2Answer()].heads.append(decoder.decode(block.bytes))
        if block.ends { answers[block.stream, default: H2Answer()].ended = true }
        self.block = nil
    }
}

/// A client that talks to a conversation frame by frame and can say anything. It takes what the server sends and sorts it;
/// it answers nothing by itself.
final class H2Peer: H2Inbox {
    let conversation: WireConversation
    let records = Records()

    /// A connection after the handshake, unless `isFresh`.
    convenience init(
        isFresh: Bool = false, settings: [(UInt16, UInt32)] = [],
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        refuse: @escaping @Sendable (HTTPRequestHead) -> HTTPResponse? = { _ in nil },
        handle: @escaping @Sendable (HTTPRequest, consuming HTTPResponder) -> Void = { $1.respond(.echo($0)) }
    ) {
        self.init(
            isFresh: isFresh, settings: settings, change, handler: TestHandler(handle: handle, refuse: refuse))
    }

    init(
        isFresh: Bool = false, settings: [(UInt16, UInt32)] = [],
        _ change: (inout ServerConfiguration) -> Void = { _ in }, handler: any HTTPHandler
    ) {
        var configuration = ServerConfiguration()
        change(&configuration)
        conversation = WireConversation(configuration: configuration, handler: handler, observer: records)
        super.init()
        if !isFresh {
            send(H2.preface + H2.settings(settings) + H2.settingsAcknowledgement)
            forgetFrames()
        }
    }

    /// Sends bytes, in one piece or byte by byte. Returns the frames that come back.
    @discardableResult
    func send(_ bytes: [UInt8], byByte: Bool = false) -> [H2Frame] {
        guard byByte else { return take(conversation.receive(bytes)) }
        return bytes.flatMap { take(conversation.receive([$0])) }
    }

    @discardableResult
    func wait(milliseconds: Int) -> [H2Frame] { take(conversation.advance(milliseconds: milliseconds)) }

    @discardableResult
    func drain() -> [H2Frame] { take(conversation.beginDraining()) }

    @discardableResult
    func sendLateAnswers() -> [H2Frame] { take(conversation.sendLateAnswers()) }

    @discardableResult
    func finishSending() -> [H2Frame] { take(conversation.endInput()) }
}
