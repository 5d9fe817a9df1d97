import Glibc
import HTTPServer
import TestCertificates

/// A server with a certificate, and what is needed to play a client's part before it.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class TLSStage: @unchecked Sendable {
    private struct Handler: HTTPHandler {
        func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
            responder.respond(HTTPResponse(.ok, body: Array("answer".utf8)))
        }
    }

    private let authority: TestAuthority
    private let server: PairedServer

    init() throws {
        authority = try TestAuthority()
        let identity = try authority.issue("server")
        var configuration = ServerConfiguration()
        configuration.tls = try TLSContexts(TLSConfiguration(certificate: identity.certificate, key: identity.key))
        server = try PairedServer(configuration: configuration, handler: Handler())
    }

    /// How many handshakes the server has completed, and how many it has given up.
    private var counted: (completed: Int, failed: Int) {
        guard let counts = server.counts else { return (0, 0) }
        return (counts.handshakes12 + counts.handshakes13, counts.failures.reduce(0) { $0 + $1.count })
    }

    func play(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let before = counted
        let scene: TLSScene
        do throws(HTTPServerError) { scene = try TLSScene(server, kind: input.first ?? 0) } catch {
            throw FuzzFailure("no connection: \(error)", input)
        }
        var position = 1
        while position + 2 <= input.count {
            let end = min(position + 2 + Int(input[position + 1]), input.count)
            let action = TLSFuzz.Action.allCases[Int(input[position]) % TLSFuzz.Action.allCases.count]
            let isOpen = counted.completed > before.completed
            scene.take(action, Array(input[position + 2..<end]), isOpen: isOpen)
            position = end
        }
        let isOpen = counted.completed > before.completed
        if let wrong = scene.wrong { throw FuzzFailure(wrong, input) }
        scene.leave()
        for _ in 0..<4 where server.openConnections > 0 { server.turn() }
        guard server.openConnections == 0 else {
            throw FuzzFailure("the connection stays when its client has gone", input)
        }
        guard server.bufferBytes == 0 else { throw FuzzFailure("\(server.bufferBytes) bytes stay", input) }
        let after = counted
        // A session that was open may fail later, and is counted once more then.
        guard after.completed - before.completed + after.failed - before.failed >= 1,
            after.completed - before.completed <= 1,
            after.failed - before.failed <= 1
        else { throw FuzzFailure("handshakes are counted from \(before) to \(after)", input) }
        if scene.answers > 0 { return "ok" }
        return "\(isOpen ? "open" : "not open"), \(after.failed > before.failed ? "failed" : "ended")"
    }
}

/// One client before the server, and the way between them.
private final class TLSScene {
    private static let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    private let server: PairedServer
    private let client: SteppedTLSClient?
    /// The client's socket, its other end, and the one that is connected to the server.
    private let sockets: [Int32]
    private var received: [UInt8] = []
    private let speaksHTTP2: Bool
    /// Requests that went to the server while all that did was the client's own and unchanged, and those still to go.
    private var requests = 0
    private var unsent = 0
    /// Whether all that went to the server was the client's own and unchanged, and its stream has not ended.
    private var isWhole = true
    /// Whether the client has sent nothing but requests.
    private var isHonest = true
    /// The most answers there may be: nothing is understood behind what was changed.
    private var bound = Int.max
    private var hasEnded = false

    init(_ server: PairedServer, kind: UInt8) throws(HTTPServerError) {
        self.server = server
        let pair = try SocketPair()
        sockets = [pair.first, pair.second, try server.connect()]
        let choices: [[String]] = [[], ["http/1.1"], ["h2", "http/1.1"], ["h2"]]
        let protocols = choices[Int(kind & 3)]
        speaksHTTP2 = protocols.contains("h2")
        client = SteppedTLSClient(over: pair.first, speaksTLS13: kind & 4 == 0, protocols: protocols)
        server.turn()
        _ = client?.goOn()
    }

    var answers: Int {
        let text = String(decoding: received, as: UTF8.self)
        return text.split(separator: "HTTP/1.1 200 OK", omittingEmptySubsequences: false).count - 1
    }

    /// What the server did that it should not; nil for nothing.
    var wrong: String? {
        if speaksHTTP2 { return nil }
        if isHonest, isWhole, answers != requests { return "\(requests) requests have \(answers) answers" }
        if answers > bound { return "\(answers) answers, of which \(bound) are to what came unchanged" }
        return nil
    }

    func take(_ action: TLSFuzz.Action, _ bytes: [UInt8], isOpen: Bool) {
        switch action {
        case .inject:
            if !bytes.isEmpty { spoil(isOpen, answered: 0) }
            put(bytes, to: sockets[2])
        case .pass: pass(takeFlight())
        case .change:
            var flight = takeFlight()
            if !flight.isEmpty, bytes.count >= 3, bytes[2] != 0 {
                flight[(Int(bytes[0]) << 8 | Int(bytes[1])) % flight.count] ^= bytes[2]
                spoil(isOpen, answered: unsent)
                unsent = 0
            }
            pass(flight)
        case .cut:
            let flight = takeFlight()
            let count = min(Int(bytes.first ?? 1), flight.count)
            put(Array(flight[..<count]), to: sockets[2])
            settle()
            pass(Array(flight[count...]))
        case .write:
            isHonest = false
            _ = client?.write(bytes)
        case .request: if client?.write(Self.request) == true { unsent += 1 }
        case .sayGoodbye:
            client?.close()
            hasEnded = true
        case .end:
            pass(takeFlight())
            shutdown(sockets[2], Int32(SHUT_WR))
            isWhole = false
        }
        settle()
    }

    /// Closes everything of the client's.
    func leave() { for socket in sockets { close(socket) } }

    /// What follows need not be understood, and in an open session cannot be, but for so many requests more.
    private func spoil(_ isOpen: Bool, answered: Int) {
        isWhole = false
        if isOpen { bound = min(bound, answers + answered) }
    }

    private func pass(_ flight: [UInt8]) {
        put(flight, to: sockets[2])
        if isWhole { requests += unsent }
        unsent = 0
    }

    private func takeFlight() -> [UInt8] {
        if !hasEnded { received += client?.goOn() ?? [] }
        return take(from: sockets[1])
    }

    /// The server has its turns, as each of several records in one flight may take one, then the client.
    private func settle() {
        for _ in 0..<8 { server.turn() }
        put(take(from: sockets[2]), to: sockets[1])
        received += client?.goOn() ?? []
    }

    private func take(from socket: Int32) -> [UInt8] {
        var taken: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return taken }
            taken += chunk[..<count]
        }
    }

    private func put(_ bytes: [UInt8], to socket: Int32) {
        guard !bytes.isEmpty else { return }
        _ = unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
