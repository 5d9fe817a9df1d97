import Dispatch
import Glibc
import HTTPServer
import Synchronization
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("The server on real sockets", .serialized)
struct ServerTests {
    @Test("answers request after request on one connection")
    func keepAlive() throws {
        let server = try TestServer()
        let client = try server.client()
        for path in ["/a", "/b"] {
            let response = try client.exchange("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(response.status == 200)
            #expect(response.text == "POST \(path) hi")
            #expect(response.fields["content-length"] == "\(8 + path.utf8.count)")
            #expect(response.fields["date"]?.hasSuffix(" GMT") == true)
            #expect(response.fields["x-request-id"]?.count == 16)
            #expect(response.fields["connection"] == nil)
        }
        #expect(server.server.counters.acceptedConnections == 1)
        #expect(server.server.counters.requests == 2)
    }

    @Test("ends the connection when the client or HTTP/1.0 wants it so")
    func closes() throws {
        let server = try TestServer()
        for request in ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
            let client = try server.client()
            #expect(try client.exchange(request).fields["connection"] == "close")
            #expect(try client.receiveAll().isEmpty)
        }
        let client = try server.client()
        let response = try client.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(response.fields["connection"] == "keep-alive")
        #expect(try client.exchange(get).status == 200)
    }

    @Test("answers a thousand pipelined requests in order")
    func pipelining() throws {
        let server = try TestServer()
        let client = try server.client()
        let requests = (0..<1000).map { "PUT /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" }
        try client.send(requests.joined())
        for index in 0..<1000 { #expect(try client.response().text == "PUT /\(index) x") }
    }

    @Test("answers pipelined requests in order when other threads answer them")
    func pipeliningAcrossThreads() throws {
        let queue = DispatchQueue(label: "answers", attributes: .concurrent)
        let server = try TestServer { request, responder in
            let box = Held()
            box.hold(responder)
            queue.async { box.release(.echo(request)) }
        }
        let client = try server.client()
        try client.send((0..<300).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for index in 0..<300 { #expect(try client.response().text == "GET /\(index) ") }
    }

    @Test("reads chunked bodies")
    func chunked() throws {
        let server = try TestServer()
        let client = try server.client()
        let response = try client.exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: t\r\n\r\n"
        )
        #expect(response.text == "POST / abcde")
    }

    @Test("sends no body to HEAD, and none with 204")
    func head() throws {
        let server = try TestServer { request, responder in
            responder.respond(HTTPResponse(request.method == .head ? 200 : 204, body: Array("hello".utf8)))
        }
        let client = try server.client()
        try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        let response = try client.response(isHead: true)
        #expect(response.fields["content-length"] == "5")
        let empty = try client.exchange(get)
        #expect(empty.status == 204)
        #expect(empty.fields["content-length"] == nil)
        #expect(try client.exchange(get).status == 204)
    }

    @Test("answers OPTIONS for the whole server")
    func options() throws {
        let server = try TestServer()
        #expect(try server.client().exchange("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").text == "OPTIONS * ")
    }

    @Test("tells a client that waits to send its body")
    func continues() throws {
        let server = try TestServer()
        let client = try server.client()
        for framing in ["Content-Length: 2", "Transfer-Encoding: chunked"] {
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\(framing)\r\n\r\n")
            #expect(try client.response().status == 100)
            try client.send(framing.hasPrefix("C") ? "hi" : "2\r\nhi\r\n0\r\n\r\n")
            #expect(try client.response().text == "POST / hi")
        }
    }

    @Test("refuses a body before it is sent")
    func refusesExpectation() throws {
        let server = try TestServer(refuse: { _ in HTTPResponse(415) })
        let client = try server.client()
        let response = try client.exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(response.status == 415)
        #expect(response.fields["connection"] == "close")
        #expect(try client.receiveAll().isEmpty)
    }

    @Test("a refused small body is read past and the connection lives on")
    func refusesSmallBody() throws {
        let server = try TestServer(refuse: { $0.target.isPath("/no") ? HTTPResponse(404) : nil })
        let client = try server.client()
        #expect(try client.exchange("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").status == 404)
        #expect(try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").text == "POST / hi")
    }

    @Test(
        "answers what it cannot read with the status for it, and closes",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
            ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 70_000), 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nabc", 413),
            ("POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417), ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            ("GET / HTTP/3.0\r\n\r\n", 505),
        ])
    func errors(_ request: String, _ status: Int) throws {
        let server = try TestServer()
        let client = try server.client()
        let response = try client.exchange(request)
        #expect(response.status == status)
        #expect(response.fields["connection"] == "close")
        #expect(response.fields["x-request-id"]?.isEmpty == false)
        #expect(try client.receiveAll().isEmpty)
        #expect(try server.client().exchange(get).status == 200)
    }

    @Test("a request that is cut off is answered with 400")
    func truncated() throws {
        let server = try TestServer()
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        client.finishSending()
        let response = try client.response()
        #expect(response.status == 400)
        #expect(response.text.contains("Expected 10 body bytes, received 3."))
        #expect(try client.receiveAll().isEmpty)
    }

    @Test("a client may close its sending side before it reads the answers")
    func halfClosed() throws {
        let server = try TestServer()
        let client = try server.client()
        try client.send(get + get)
        client.finishSending()
        #expect(try client.response().status == 200)
        #expect(try client.response().status == 200)
        #expect(try client.receiveAll().isEmpty)
    }

    @Test("a dropped responder answers 500")
    func dropped() throws {
        let server = try TestServer { _, _ in }
        #expect(try server.client().exchange(get).status == 500)
        let held = Held()
        let other = try TestServer { _, responder in held.hold(responder) }
        let client = try other.client()
        try client.send(get)
        #expect(held.wait())
        held.drop()
        #expect(try client.response().status == 500)
    }

    @Test("echoes X-Request-Id, and breaks no header of its own")
    func fields() throws {
        let server = try TestServer { _, responder in
            responder.respond(
                HTTPResponse(
                    .ok, headers: [("X-A", "b\r\nX-C: d"), ("Content-Length", "9"), ("Bad Name", "x"), ("X-E", "é")]))
        }
        let response = try server.client().exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: me-1\r\n\r\n")
        #expect(response.fields["x-request-id"] == "me-1")
        #expect(response.fields["x-a"] == "b  X-C: d")
        #expect(response.fields["content-length"] == "0")
        #expect(response.fields["x-e"] == "é")
        #expect(response.fields["bad name"] == nil)
    }

    @Test("reports every exchange")
    func observer() throws {
        let server = try TestServer()
        let client = try server.client()
        let request = "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nX-Request-Id: me\r\n\r\nhi"
        try client.send(request + "BAD\r\n")
        let all = try client.receiveAll()
        let first = try #require(server.records.next())
        let second = try #require(server.records.next())
        #expect(first.method == "POST")
        #expect(first.path == "/x")
        #expect(first.status == 200)
        #expect(first.bytesReceived == request.utf8.count)
        #expect(first.bytesSent + second.bytesSent == all.count)
        #expect(first.durationNanoseconds > 0)
        #expect("\(first.id)" == "me")
        #expect(first.remoteAddress.hasPrefix("127.0.0.1:"))
        #expect(second.method == "-")
        #expect(second.status == 400)
    }

    @Test("takes a large body, and sends a large answer to a slow reader")
    func large() throws {
        let server = try TestServer { request, responder in
            let body = unsafe request.body.withUnsafeBytes { unsafe Array($0) }
            responder.respond(HTTPResponse(.ok, body: body))
        }
        let client = try server.client(receiveBuffer: 8192)
        let body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        #expect(try client.response().body == body)
        #expect(try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").text == "hi")
    }

    @Test("a client that does not read does not make the server go on")
    func backpressure() throws {
        let box = Counted()
        let answer = HTTPResponse(.ok, body: [UInt8](repeating: 0x61, count: 100_000))
        let server = try TestServer { _, responder in
            box.count.wrappingAdd(1, ordering: .relaxed)
            responder.respond(answer)
        }
        let client = try server.client(receiveBuffer: 4096)
        let requests = 400
        try client.send(String(repeating: get, count: requests))
        #expect(eventually { box.count.load(ordering: .relaxed) > 0 })
        // The kernel takes a few megabytes at the most; the rest of 40 megabytes must wait for the client.
        #expect(try client.response().body.count == 100_000)
        #expect(box.count.load(ordering: .relaxed) < 300)
        for _ in 1..<requests { #expect(try client.response().body.count == 100_000) }
        #expect(box.count.load(ordering: .relaxed) == requests)
    }

    @Test("serves many clients at once")
    func concurrent() throws {
        let server = try TestServer()
        let address = server.address
        let good = Counted()
        DispatchQueue.concurrentPerform(iterations: 32) { index in
            guard let client = try? TestClient(address) else { return }
            for turn in 0..<50 {
                let text = "\(index) \(turn)"
                let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
                if (try? client.exchange(request).text) == "POST / \(text)" {
                    good.count.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(good.count.load(ordering: .relaxed) == 1600)
    }
}

/// A number that several threads count up.
final class Counted: Sendable {
    let count = Atomic<Int>(0)
}
