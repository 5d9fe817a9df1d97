import COpenSSL
import HTTPServer
import TestCertificates
import Testing

private let get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"

@Suite("TLS on a socket")
struct TLSServerTests {
    private let authority: TestAuthority
    private let identity: TestIdentity

    init() throws {
        authority = try TestAuthority()
        identity = try authority.issue("server")
    }

    private func server(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> TestServer {
        try TestServer(tls: TLSConfiguration(identity), change)
    }

    @Test(
        "both versions serve requests, and the handler knows which",
        arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")], [false, true])
    func versions(version: (number: Int32, name: String), byByte: Bool) throws {
        let server = try server()
        let options = TLSTestClient.Options(
            versions: version.number...version.number, authority: authority.file, isByByte: byByte)
        let client = try TLSTestClient(server.address, options)
        for _ in 0..<3 {
            let response = try client.exchange(get)
            #expect(response.text == "GET /a ")
            #expect(response.fields["x-tls"] == version.name)
            #expect(response.fields["x-client"] == "nobody")
        }
        #expect(client.version == version.name)
        #expect(server.records.next()?.head?.tls?.version == version.name)
        #expect((version.name == "TLSv1.3" ? server.tls?.handshakes13 : server.tls?.handshakes12) == 1)
    }

    @Test("versions that are too old are refused with an alert", arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func oldVersions(version: Int32) throws {
        let server = try server()
        let client = try TLSTestClient(server.address, .init(versions: version...version))
        let failure = #expect(throws: TLSTestClient.TLSFailure.self) { try client.shakeHands() }
        #expect(failure?.reason == "tlsv1 alert protocol version")
        #expect(eventually { server.failures(.version) == 1 })
    }

    @Test("the oldest version can be set")
    func minimumVersion() throws {
        var configuration = TLSConfiguration(identity)
        configuration.minimumVersion = .tls13
        let server = try TestServer(tls: configuration)
        let old = try TLSTestClient(server.address, .init(versions: TLS1_2_VERSION...TLS1_2_VERSION))
        #expect(throws: TLSTestClient.TLSFailure.self) { try old.shakeHands() }
        #expect(try TLSTestClient(server.address).exchange(get).status == 200)
    }

    @Test(
        "suites without an AEAD or without ephemeral keys are refused",
        arguments: ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256", "AES128-SHA"])
    func weakSuites(suite: String) throws {
        let server = try server()
        let client = try TLSTestClient(
            server.address, .init(versions: TLS1_2_VERSION...TLS1_2_VERSION, suites: suite))
        #expect(throws: TLSTestClient.TLSFailure.self) { try client.shakeHands() }
        #expect(eventually { server.failures(.cipher) == 1 })
    }

    @Test(
        "ALPN chooses the protocol, the server's favourite first",
        arguments: [
            (["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["h2"], "h2"),
            (["spdy/3", "http/1.1"], "http/1.1"), (["http/1.0"], "http/1.0"), ([], nil),
        ] as [([String], String?)])
    func alpn(offered: [String], chosen: String?) throws {
        let server = try server()
        let client = try TLSTestClient(server.address, .init(protocols: offered))
        try client.shakeHands()
        #expect(client.chosen == chosen)
        if chosen == "h2" {
            let client = try H2Client.connected(over: client)
            try client.client.send(H2.headers(1, H2.post, end: false) + H2.data(1, "hi", end: true))
            #expect(try client.receive { client[1].ended })
            #expect(client[1].text == "POST /up hi")
            #expect(client[1].field("x-tls") == "TLSv1.3")
        } else {
            #expect(try client.exchange(get).text == "GET /a ")
        }
    }

    @Test("ALPN without a protocol of ours ends the handshake", arguments: [["h3"], ["h2x", "http/1"]])
    func unknownProtocol(offered: [String]) throws {
        let server = try server()
        let client = try TLSTestClient(server.address, .init(protocols: offered))
        let failure = #expect(throws: TLSTestClient.TLSFailure.self) { try client.shakeHands() }
        #expect(failure?.reason == "tlsv1 alert no application protocol")
        #expect(eventually { server.failures(.protocolName) == 1 })
    }

    @Test("without HTTP/2 it is not offered, and without ALPN its preface is HTTP/1's mistake")
    func noHTTP2() throws {
        var configuration = TLSConfiguration(identity)
        configuration.http2 = false
        let server = try TestServer(tls: configuration)
        let client = try TLSTestClient(server.address, .init(protocols: ["h2", "http/1.1"]))
        try client.shakeHands()
        #expect(client.chosen == "http/1.1")
        let usual = try self.server()
        let other = try TLSTestClient(usual.address)
        try other.send(H2.preface)
        #expect(try other.response().status == 505)
    }

    @Test("an upgrade to h2c is for clear text alone")
    func noUpgrade() throws {
        let server = try server()
        let client = try TLSTestClient(server.address)
        let response = try client.exchange(
            "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
        #expect(response.status == 200)
    }

    @Test(
        "large bodies go both ways, also to a client that reads little at a time", arguments: [nil, 4096] as [Int32?])
    func largeBodies(receiveBuffer: Int32?) throws {
        let server = try server()
        let body = (0..<10 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) }
        let client = try TLSTestClient(server.address, receiveBuffer: receiveBuffer)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        #expect(try client.response().body == Array("POST / ".utf8) + body)
        #expect(try client.exchange(get).text == "GET /a ")
    }

    @Test("requests in one record are answered one after the other")
    func pipeline() throws {
        let server = try server()
        let client = try TLSTestClient(server.address)
        try client.send(String(repeating: get, count: 2_000))
        for _ in 0..<2_000 { #expect(try client.response().text == "GET /a ") }
    }

    @Test("clear text on the port of TLS is answered readably, TLS on that of clear text too")
    func wrongLanguage() throws {
        let server = try server()
        let response = try server.client().exchange(get)
        #expect(response.status == 400)
        #expect(response.text.contains("Expected https"))
        #expect(response.fields["connection"] == "close")
        #expect(server.failures(.clearText) == 1)

        for http2 in [true, false] {
            let clear = try TestServer { $0.http2 = http2 }
            let client = try TLSTestClient(clear.address)
            try client.sendRaw(client.firstFlight())
            let answer = String(decoding: try client.receiveRaw(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
            #expect(answer.contains("received https"))
        }
    }

    @Test("what is no TLS ends the connection", arguments: [[0], [0x16, 0xFF, 0xFF], [0x80, 0x2E, 1, 0, 2]])
    func garbage(start: [UInt8]) throws {
        let server = try server()
        let client = try server.client()
        try client.send(start + [UInt8](repeating: 0x2A, count: 64))
        client.finishSending()
        _ = try client.receiveAll()
        #expect(eventually { server.failures(.malformed) + server.failures(.version) == 1 })
    }

    @Test("who stops in the middle of a handshake is dropped in time, who leaves is counted")
    func unfinishedHandshake() throws {
        let server = try server { $0.headTimeout = 100 }
        for length in [0, 1, 5, 100] {
            let client = try TLSTestClient(server.address)
            // On a busy machine its time may be over before it says anything, and then sending fails, or receiving.
            try? client.sendRaw(Array(client.firstFlight().prefix(length)))
            #expect((try? client.receiveRaw()) ?? [] == [])
        }
        #expect(server.failures(.timeout) == 4)
        let patient = try self.server()
        let leaving = try TLSTestClient(patient.address)
        try leaving.sendRaw(Array(leaving.firstFlight().prefix(100)))
        leaving.finishSending()
        #expect(try leaving.receiveRaw().isEmpty)
        #expect(eventually { patient.failures(.closed) == 1 })
    }

    @Test("a client that says nothing after the handshake has the time of an idle one")
    func idle() throws {
        let server = try server {
            $0.headTimeout = 3_600_000
            $0.idleTimeout = 100
        }
        let client = try TLSTestClient(server.address)
        try client.shakeHands()
        #expect(try client.receiveSome().isEmpty)
        #expect(client.wasToldTheEnd)
        #expect(server.failures(.timeout) == 0)
    }

    @Test("the end is told by TLS as well, and a client's missing farewell is counted")
    func farewells() throws {
        let server = try server()
        let client = try TLSTestClient(server.address)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status == 200)
        #expect(try client.receiveSome().isEmpty)
        #expect(client.wasToldTheEnd)

        let polite = try TLSTestClient(server.address)
        #expect(try polite.exchange(get).status == 200)
        try polite.sayGoodbye()
        #expect(try polite.receiveSome().isEmpty)
        #expect(server.tls?.truncated == 0)

        let cut = try TLSTestClient(server.address)
        try cut.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        cut.finishSending()
        #expect(try cut.response().status == 400)
        #expect(server.tls?.truncated == 1)
    }

    @Test("a stop says good-bye to idle clients and finishes the others")
    func stop() throws {
        let server = try server()
        let idle = try TLSTestClient(server.address)
        #expect(try idle.exchange(get).status == 200)
        let busy = try TLSTestClient(server.address)
        try busy.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(try busy.response().status == 100)
        server.server.stop(drainTimeout: 60_000)
        #expect(try idle.receiveSome().isEmpty)
        #expect(idle.wasToldTheEnd)
        try busy.send("hello")
        #expect(try busy.response().text == "POST / hello")
        server.server.wait()
    }
}
