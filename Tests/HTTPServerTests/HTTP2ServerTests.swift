import Dispatch
import HTTPServer
import Testing

/// A client on a socket that speaks HTTP/2 from the first byte on, or after an upgrade.
final class H2Client: H2Inbox {
    let client: TestClient

    init(_ client: TestClient) { self.client = client }

    /// With windows that never get in the way.
    static func connected(to server: TestServer) throws -> H2Client {
        try connected(over: server.client())
    }

    static func connected(over client: TestClient) throws -> H2Client {
        let client = H2Client(client)
        try client.client.send(
            H2.preface + H2.settings([(4, 0x7FFF_FFFF)]) + H2.settingsAcknowledgement + H2.windowUpdate(0, 0x7FFF_0000))
        return client
    }

    /// Receives until something is true; false when the server has closed the connection before.
    func receive(until condition: () -> Bool) throws -> Bool {
        while !condition() {
            let bytes = try client.receiveSome()
            guard !bytes.isEmpty else { return condition() }
            take(bytes)
        }
        return true
    }

    /// Whether the server closes the connection.
    func isClosed() throws -> Bool { try !receive { false } }
}

private func upgrade(_ settings: String = "AAMAAABkAAQAAP__", _ more: String = "") -> String {
    "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \(settings)\r\n\(more)"
}

@Suite("HTTP/2 on a socket", .serialized)
struct HTTP2ServerTests {
    @Test("the preface is recognised on a fresh connection, in one piece or byte by byte", arguments: [false, true])
    func priorKnowledge(byByte: Bool) throws {
        let server = try TestServer()
        let client = H2Client(try server.client())
        let bytes = H2.preface + H2.settings() + H2.headers(1, H2.post, end: false) + H2.data(1, "hi", end: true)
        if byByte { for byte in bytes { try client.client.send([byte]) } } else { try client.client.send(bytes) }
        #expect(try client.receive { client[1].ended })
        #expect(client[1].text == "POST /up hi")
        #expect(server.records.next()?.version == "HTTP/2")
    }

    @Test("what begins like the preface and is not is HTTP/1", arguments: ["POST", "PUT", "PATCH"])
    func similar(method: String) throws {
        let server = try TestServer()
        let client = try server.client()
        for byte in "\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".utf8 { try client.send([byte]) }
        #expect(try client.response().text == "\(method) / ")
        #expect(server.records.next()?.version == "HTTP/1.1")
    }

    @Test("half a preface is answered with 408 when its time is over, and with 400 when nothing follows")
    func halfAPreface() throws {
        let server = try TestServer { $0.headTimeout = 50 }
        let slow = try server.client()
        try slow.send("PRI * HTTP/2.0\r\n")
        #expect(try slow.response().status >= 400)
        let patient = try TestServer()
        let short = try patient.client()
        try short.send("P")
        short.finishSending()
        #expect(try short.response().status == 400)
    }

    @Test("HTTP/2 can be switched off")
    func off() throws {
        let server = try TestServer { $0.http2 = false }
        let client = try server.client()
        try client.send(H2.preface)
        #expect(try client.response().status == 505)
        let upgrading = try server.client()
        #expect(try upgrading.exchange("GET / HTTP/1.1\r\n\(upgrade())\r\n").status == 200)
    }

    @Test("an HTTP/1.1 request can go on in HTTP/2, with a body, too", arguments: ["", "hello"])
    func upgrades(body: String) throws {
        let server = try TestServer()
        let client = H2Client(try server.client())
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        try client.client.send("PUT /a HTTP/1.1\r\n\(upgrade())\(length)\r\n\(body)")
        let response = try client.client.response()
        #expect(response.status == 101)
        #expect(response.fields["upgrade"] == "h2c")
        #expect(response.fields["connection"] == "Upgrade")
        #expect(try client.receive { client[1].ended })
        #expect(client.frames.first?.type == .settings)
        #expect(client[1].text == "PUT /a \(body)")
        try client.client.send(H2.preface + H2.settings() + H2.settingsAcknowledgement + H2.headers(3, H2.get))
        #expect(try client.receive { client[3].ended })
        #expect(client[3].text == "GET / ")
    }

    @Test("the settings of an upgrade hold for its answer")
    func upgradeSettings() throws {
        let server = try TestServer()
        let client = H2Client(try server.client())
        // INITIAL_WINDOW_SIZE is 3.
        try client.client.send("GET / HTTP/1.1\r\n\(upgrade("AAQAAAAD"))\r\n")
        #expect(try client.client.response().status == 101)
        try client.client.send(H2.preface + H2.settings() + H2.ping())
        #expect(try client.receive { client.frames.contains { $0.type == .ping } })
        #expect(client[1].text == "GET")
    }

    @Test(
        "an upgrade that is not a proper one is answered in HTTP/1.1",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket\r\nHTTP2-Settings: \r\n\r\n",
            "GET / HTTP/1.1\r\n\(upgrade("AAMAAABk", "HTTP2-Settings: AAMAAABk\r\n"))\r\n",
            "GET / HTTP/1.1\r\n\(upgrade("!!!"))\r\n", "GET / HTTP/1.1\r\n\(upgrade("AAMA"))\r\n",
            "GET / HTTP/1.0\r\n\(upgrade("AAMAAABk", "Connection: keep-alive\r\n"))\r\n",
            "POST / HTTP/1.1\r\n\(upgrade("AAMAAABk", "Content-Length: 65537\r\n"))\r\n"
                + String(repeating: "a", count: 65_537),
        ])
    func noUpgrade(_ request: String) throws {
        let server = try TestServer()
        let client = try server.client()
        #expect(try client.exchange(request).status == 200)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }

    @Test("an upgrade whose settings are wrong, or that is not followed by the preface, ends the connection")
    func wrongUpgrade() throws {
        let server = try TestServer()
        for (settings, next, code) in [
            ("AASAAAAA", H2.preface, HTTP2ErrorCode.flowControlError),
            ("AAMAAABk", Array("GET / HTTP/1.1\r\n\r\n".utf8), .protocolError),
        ] {
            let client = H2Client(try server.client())
            try client.client.send("GET / HTTP/1.1\r\n\(upgrade(settings))\r\n")
            #expect(try client.client.response().status == 101)
            try client.client.send(next)
            #expect(try client.receive { !client.goAways.isEmpty })
            #expect(client.ending == code)
            #expect(try client.isClosed())
        }
    }

    @Test("streams are answered from many threads at once")
    func concurrency() throws {
        let server = try TestServer { request, responder in
            let response = HTTPResponse.echo(request)
            let pending = Held()
            pending.hold(responder)
            DispatchQueue.global().async { pending.release(response) }
        }
        let client = try H2Client.connected(to: server)
        for round in 0..<20 {
            let streams = (0..<100).map { UInt32(200 * round + 2 * $0 + 1) }
            for stream in streams { try client.client.send(H2.headers(stream, H2.post, end: false)) }
            for stream in streams { try client.client.send(H2.data(stream, "\(stream)", end: true)) }
            #expect(try client.receive { streams.allSatisfy { client[$0].ended } })
            #expect(streams.allSatisfy { client[$0].text == "POST /up \($0)" })
        }
        #expect(server.server.counters.requests == 2000)
    }

    @Test("a large answer arrives whole, whether or not the client reads fast")
    func largeAnswer() throws {
        let body = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }
        let server = try TestServer { _, responder in responder.respond(HTTPResponse(.ok, body: body)) }
        let client = try H2Client.connected(to: server)
        try client.client.send(H2.headers(1, H2.get) + H2.headers(3, H2.get))
        #expect(try client.receive { client[1].ended && client[3].ended })
        #expect(client[1].body == body)
        #expect(client[3].body == body)
    }

    @Test("a client that takes nothing of its answer is cut off")
    func stalledReader() throws {
        let server = try TestServer({ $0.sendTimeout = 100 }) { _, responder in
            responder.respond(HTTPResponse(.ok, body: [UInt8](repeating: 0, count: 32 << 20)))
        }
        let client = try server.client(receiveBuffer: 4096)
        try client.send(
            H2.preface + H2.settings([(4, 0x7FFF_FFFF)]) + H2.windowUpdate(0, 0x7FFF_0000) + H2.headers(1, H2.get))
        #expect(server.records.next()?.status == 499)
        #expect(eventually { server.server.counters.openConnections == 0 })
        withExtendedLifetime(client) {}
    }

    @Test(
        "a client that resets its stream, or leaves, is noticed while its request is worked on", arguments: [0, 1, 2])
    func leaves(how: Int) throws {
        let held = Held()
        let server = try TestServer { _, responder in held.hold(responder) }
        var client: H2Client? = try H2Client.connected(to: server)
        try client?.client.send(H2.headers(1, H2.get))
        #expect(held.wait())
        #expect(!held.clientHasGone)
        switch how {
        case 0: try client?.client.send(H2.reset(1))
        case 1: client?.client.reset()
        default: client = nil
        }
        #expect(eventually { held.clientHasGone })
        held.release(HTTPResponse(.ok))
        #expect(server.records.next()?.status == 499)
        withExtendedLifetime(client) {}
    }

    @Test("a stop announces itself, lets streams finish, and closes")
    func gracefulStop() throws {
        let held = Held()
        let server = try TestServer { _, responder in held.hold(responder) }
        let idle = try H2Client.connected(to: server)
        let busy = try H2Client.connected(to: server)
        try busy.client.send(H2.headers(1, H2.get))
        #expect(held.wait())
        try idle.client.send(H2.ping())
        #expect(try idle.receive { idle.frames.contains { $0.type == .ping } })
        server.server.stop(drainTimeout: 60_000)
        for client in [idle, busy] {
            #expect(try client.receive { !client.goAways.isEmpty })
            try client.client.send(H2.ping("\0\0\0\0\0\0\0\0", isAnswer: true))
        }
        #expect(try idle.isClosed())
        #expect(idle.goAways.map(\.last) == [0x7FFF_FFFF, 0])
        held.release(HTTPResponse(.ok))
        #expect(try busy.isClosed())
        #expect(busy[1].status == 200)
        #expect(busy.goAways.map(\.last) == [0x7FFF_FFFF, 1])
        for client in [idle, busy] { client.client.finishSending() }
        server.server.wait()
    }

    @Test("a flood is counted")
    func flood() throws {
        let server = try TestServer()
        let client = try H2Client.connected(to: server)
        // In one piece, so that no time passes in which the client would earn more.
        try client.client.send((0...HTTP2FloodGuard.bound(of: .settings).burst).flatMap { _ in H2.settings() })
        #expect(try client.isClosed())
        #expect(client.ending == .enhanceYourCalm)
        #expect(server.server.counters.floods == 1)
    }
}
