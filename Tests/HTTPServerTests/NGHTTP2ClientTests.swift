import HTTPServer
import Locks
import Testing

/// The server against nghttp2's client library, which is strict about all that a server sends.
@Suite("nghttp2's client")
struct NGHTTP2ClientTests {
    private func connect(
        settings: [(UInt32, UInt32)] = [], _ change: (inout ServerConfiguration) -> Void = { _ in },
        handle: @escaping @Sendable (HTTPRequest, consuming HTTPResponder) -> Void
    ) throws -> (NGHTTP2Client, WireConversation) {
        var configuration = ServerConfiguration()
        change(&configuration)
        let conversation = WireConversation(
            configuration: configuration, handler: TestHandler(handle: handle, admit: { _, _ in .welcome }))
        let client = try NGHTTP2Client(conversation, settings: settings)
        client.exchange()
        return (client, conversation)
    }

    private func fields(_ method: String, _ path: String = "/") -> H2.Fields {
        [(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path), ("user-agent", "nghttp2")]
    }

    @Test("gets its answer to every method")
    func methods() throws {
        let (client, _) = try connect { $1.respond(.echo($0)) }
        for method in HTTPMethod.allCases {
            let stream = client.submit(fields(method.rawValue, "/x"))
            client.exchange()
            #expect(client[stream].status == "200")
            #expect(client[stream].text == (method == .head ? "" : "\(method.rawValue) /x "))
            #expect(client[stream].ending == .noError)
        }
        client.ping()
        client.exchange()
        #expect(client.pings == 1)
        #expect(client.faults.isEmpty)
    }

    @Test(
        "sends and gets a megabyte on each of several streams, whatever its windows and tables",
        arguments: [[], [(4, 1)], [(4, 1000), (1, 0)], [(4, 0x7FFF_FFFF), (5, 0xFF_FFFF), (1, 100)]])
    func bodies(_ settings: [(UInt32, UInt32)]) throws {
        let (client, _) = try connect(settings: settings) { request, responder in
            responder.respond(
                HTTPResponse(.ok, body: unsafe request.body.withUnsafeBytes { unsafe Array($0) }))
        }
        // A window of one byte makes a frame of each.
        let size = settings.first?.1 == 1 ? 3000 : 1 << 20
        let streams = (0..<3).map { index in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
            return (client.submit(fields("POST"), body: body), body)
        }
        client.exchange()
        for (stream, body) in streams {
            #expect(client[stream].body == body)
            #expect(client[stream].ending == .noError)
        }
        #expect(client.faults.isEmpty)
    }

    @Test("has more requests than streams, and all are answered, late and out of order")
    func streams() throws {
        let held = Lock<[Held]>([])
        let (client, conversation) = try connect({ $0.maxConcurrentStreams = 10 }) { request, responder in
            let box = Held()
            box.hold(responder)
            held.withLock { $0.append(box) }
        }
        let streams = (0..<100).map { client.submit(fields("GET", "/\($0)")) }
        var most = 0
        while true {
            client.exchange()
            let boxes = held.withLock { boxes in
                defer { boxes = [] }
                return boxes
            }
            if boxes.isEmpty { break }
            most = max(most, boxes.count)
            for box in boxes.reversed() { box.release(HTTPResponse(.ok, body: Array("late".utf8))) }
            client.exchange(conversation.sendLateAnswers())
        }
        #expect(most == 10)
        for stream in streams { #expect(client[stream].text == "late") }
        #expect(client.faults.isEmpty)
    }

    @Test("sends and gets trailers, with and without a body", arguments: [nil, "hello"])
    func trailers(body: String?) throws {
        let (client, _) = try connect { request, responder in
            var response = HTTPResponse.echo(request)
            if request.body.isEmpty { response.body = [] }
            response.trailers = request.trailers.all.map { ("x-\($0.name)", $0.value) }
            responder.respond(response)
        }
        let stream = client.submit(
            fields("POST"), body: body.map { Array($0.utf8) }, trailers: [("checksum", "1"), ("grpc-status", "0")])
        client.exchange()
        #expect(client[stream].text == (body.map { "POST / \($0)" } ?? ""))
        #expect(client[stream].heads.count == 2)
        #expect(client[stream].heads.last?.map(\.name) == ["x-checksum", "x-grpc-status"])
        #expect(client[stream].heads.last?.map(\.value) == ["1", "0"])
        #expect(client[stream].ending == .noError)
        #expect(client.faults.isEmpty)
    }

    @Test("gets 100 before the answer when it waits for it")
    func expectation() throws {
        let (client, _) = try connect { $1.respond(.echo($0)) }
        let stream = client.submit(fields("POST") + [("expect", "100-continue")], body: Array("hi".utf8))
        client.exchange()
        #expect(client[stream].heads.map { $0.first?.value } == ["100", "200"])
        #expect(client[stream].text == "POST / hi")
        #expect(client.faults.isEmpty)
    }

    @Test("resets a stream, the handler hears of it, and the others go on")
    func reset() throws {
        let held = Held()
        let (client, conversation) = try connect { request, responder in
            if request.target.isPath("/held") { held.hold(responder) } else { responder.respond(.echo(request)) }
        }
        let stream = client.submit(fields("GET", "/held"))
        client.exchange()
        #expect(held.wait())
        client.reset(stream)
        client.exchange()
        #expect(held.clientHasGone)
        #expect(client[stream].ending == .cancel)
        held.release(HTTPResponse(.ok))
        client.exchange(conversation.sendLateAnswers())
        let other = client.submit(fields("GET"))
        client.exchange()
        #expect(client[other].text == "GET / ")
        #expect(client[stream].heads.isEmpty)
        #expect(client.faults.isEmpty)
    }

    @Test("hears of the end when the server drains, and gets what it has asked for")
    func drain() throws {
        let held = Held()
        let (client, conversation) = try connect { held.hold($1) }
        let stream = client.submit(fields("GET"))
        client.exchange()
        client.exchange(conversation.beginDraining())
        #expect(client.goAways.first?.last == 0x7FFF_FFFF)
        client.exchange(conversation.advance(milliseconds: 1000))
        #expect(client.goAways.map(\.code) == [.noError, .noError])
        #expect(client.goAways.last?.last == stream)
        #expect(client[stream].ending == nil)
        held.release(HTTPResponse(.ok, body: Array("last".utf8)))
        client.exchange(conversation.sendLateAnswers())
        #expect(client[stream].text == "last")
        #expect(client[stream].ending == .noError)
        #expect(client.isOver)
        #expect(conversation.isFinished)
        #expect(client.faults.isEmpty)
    }

    @Test("goes on in HTTP/2 after an upgrade")
    func upgrade() throws {
        let conversation = WireConversation(
            handler: TestHandler(handle: { $1.respond(.echo($0)) }, admit: { _, _ in .welcome }))
        let answer = conversation.receive(
            Array(
                ("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAQAAP__\r\n\r\n").utf8))
        let head = Array("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".utf8)
        try #require(answer.starts(with: head))
        let client = try NGHTTP2Client(conversation, upgrade: [0, 4, 0, 0, 0xFF, 0xFF])
        client.exchange(Array(answer.dropFirst(head.count)))
        let next = client.submit(fields("GET", "/3"))
        client.exchange()
        #expect(client[1].text == "GET /1 ")
        #expect(client[next].text == "GET /3 ")
        #expect(client.faults.isEmpty)
    }
}
