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
