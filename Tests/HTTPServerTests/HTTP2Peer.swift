import HTTPServer

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
