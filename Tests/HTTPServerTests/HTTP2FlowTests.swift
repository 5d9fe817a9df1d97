import HTTPServer
import Locks
import Testing

/// Answers with the size of the body.
@Sendable
private func count(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
    responder.respond(HTTPResponse(.ok, body: Array("\(request.body.count)".utf8)))
}

private let chunk = [UInt8](repeating: 7, count: 16_384)

@Suite("HTTP/2 windows, time and the end")
struct HTTP2FlowTests {
    // MARK: Bodies

    @Test("windows open as a body comes in, and a large upload does not hinder another stream")
    func upload() {
        let peer = H2Peer(handle: count)
        peer.send(H2.headers(1, H2.post, end: false))
        var window = 256 << 10
        for _ in 0..<640 {
            peer.send(H2.data(1, chunk))
            window -= chunk.count
        }
        #expect(window + peer.windowUpdates(1) >= 128 << 10)
        #expect(peer.windowUpdates(1) <= 640 * chunk.count + (2 << 20) - (256 << 10))
        peer.send(H2.headers(3, H2.post, end: false) + H2.data(3, "b", end: true))
        #expect(peer[3].text == "1")
        peer.send(H2.data(1, "", end: true))
        #expect(peer[1].text == "\(640 * chunk.count)")
    }

    @Test("a connection whose streams hold too much goes on with its oldest alone, until there is room")
    func budget() {
        let peer = H2Peer({ $0.maxConnectionBytes = 1 << 20 }, handle: count)
        for stream: UInt32 in [1, 3, 5] { peer.send(H2.headers(stream, H2.post, end: false)) }
        // Up to the limit everybody may; then what is under way fills the windows that are open.
        for _ in 0..<32 { for stream: UInt32 in [1, 3] { peer.send(H2.data(stream, chunk)) } }
        for _ in 0..<16 { peer.send(H2.data(1, chunk)) }
        let before = peer.windowUpdates(3)
        for _ in 0..<8 { peer.send(H2.data(3, chunk)) }
        #expect(peer.windowUpdates(3) == before)
        for _ in 0..<16 { peer.send(H2.data(5, chunk)) }
        #expect(peer.windowUpdates(5) == 0)
        // The oldest becomes complete, and its memory is the others'.
        peer.send(H2.data(1, "", end: true))
        #expect(peer[1].status == 200)
        #expect(peer.windowUpdates(3) > before)
        #expect(peer.goAways.isEmpty)
        peer.send(H2.data(3, "", end: true))
        #expect(peer.windowUpdates(5) > 0)
        peer.send(H2.data(5, "", end: true))
        #expect(peer[5].text == "\(16 * chunk.count)")
    }

    @Test("a body that stalls is answered with 408, one that was held back is not")
    func slowBody() {
        let peer = H2Peer({
            $0.bodyTimeout = 1000
            $0.maxConnectionBytes = 1
        })
        peer.send(
            H2.headers(1, H2.post, end: false) + H2.headers(3, H2.post, end: false) + H2.data(1, chunk)
                + H2.data(3, chunk))
        peer.wait(milliseconds: 1000)
        #expect(peer[1].status == 408)
        #expect(peer[1].ended)
        #expect(peer[3].status == nil)
        // Now it is the oldest, and it is its turn.
        peer.wait(milliseconds: 1000)
        #expect(peer[3].status == 408)
    }

    @Test("a body renews its time as fast as it must be, not with every byte")
    func progress() {
        let peer = H2Peer({ $0.bodyTimeout = 1000 })
        peer.send(H2.headers(1, H2.post, end: false) + H2.headers(3, H2.post, end: false))
        for _ in 0..<9 {
            for _ in 0..<4 { peer.send(H2.data(1, chunk)) }
            peer.send(H2.data(3, "x"))
            peer.wait(milliseconds: 900)
        }
        #expect(peer[1].status == nil)
        #expect(peer[3].status == 408)
    }

    // MARK: Answers

    @Test("an answer is sent as far as the client's windows let it")
    func window() {
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let peer = H2Peer(
            settings: [(4, 10)], handle: { _, responder in responder.respond(HTTPResponse(.ok, body: body)) })
        peer.send(H2.headers(1, H2.get))
        #expect(peer[1].body == Array(body[..<10]))
        peer.send(H2.windowUpdate(1, 5))
        #expect(peer[1].body == Array(body[..<15]))
        // The setting changes the window by the difference, even below zero (RFC 9113, section 6.9.2).
        peer.send(H2.settings([(4, 0)]) + H2.windowUpdate(1, 5))
        #expect(peer[1].body.count == 15)
        peer.send(H2.windowUpdate(1, 6))
        #expect(peer[1].body.count == 16)
        peer.send(H2.windowUpdate(1, 1 << 20))
        #expect(peer[1].body.count == 65_535)
        peer.send(H2.windowUpdate(0, 1 << 20))
        #expect(peer[1].body == body)
        #expect(peer[1].ended)
        #expect(peer.frames.allSatisfy { $0.payload.count <= 16_384 })
    }

    @Test("a large answer shares the connection with others")
    func sharing() {
        let peer = H2Peer(handle: { request, responder in
            responder.respond(
                HTTPResponse(.ok, body: [UInt8](repeating: 1, count: request.target.isPath("/up") ? 1 << 20 : 10)))
        })
        peer.send(H2.windowUpdate(0, 1 << 24) + H2.headers(1, H2.post) + H2.headers(3, H2.post) + H2.headers(5, H2.get))
        let order = peer.frames.filter { $0.type == .data }.map(\.stream)
        #expect(order.prefix(4).contains(5))
        #expect(order.firstIndex(of: 3) ?? 100 < 4)
    }

    @Test("a stream whose client takes nothing is reset in time, and its memory is free again")
    func slowRead() throws {
        let peer = H2Peer(
            settings: [(4, 0)], { $0.sendTimeout = 1000 }, handle: { $1.respond(HTTPResponse(.ok, body: [1, 2])) })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.get))
        peer.wait(milliseconds: 600)
        // A byte is taken, but that is no progress.
        peer.send(H2.windowUpdate(1, 1))
        peer.wait(milliseconds: 400)
        #expect(peer[1].body == [1])
        #expect(peer[1].reset == .cancel)
        #expect(peer[3].reset == .cancel)
        #expect(try #require(peer.records.next()).status == 499)
        #expect(peer.goAways.isEmpty)
    }

    @Test("while unsent answers fill their room no further request is begun")
    func zeroWindow() {
        let begun = Lock(0)
        let peer = H2Peer(
            settings: [(4, 0)],
            {
                $0.maxConnectionBytes = 1 << 20
                $0.sendTimeout = 1000
            },
            handle: { _, responder in
                begun.withLock { $0 += 1 }
                responder.respond(HTTPResponse(.ok, body: [UInt8](repeating: 0, count: 300_000)))
            })
        for stream in stride(from: UInt32(1), to: 200, by: 2) { peer.send(H2.headers(stream, H2.get)) }
        #expect(begun.withLock { $0 } == 4)
        // One is taken: another may begin.
        peer.send(H2.windowUpdate(0, 1 << 20) + H2.windowUpdate(1, 300_000))
        #expect(peer[1].ended)
        #expect(begun.withLock { $0 } == 5)
        // The others are given up, and the next ones begin.
        peer.wait(milliseconds: 1000)
        #expect(peer[3].reset == .cancel)
        #expect(begun.withLock { $0 } > 5)
        #expect(peer.goAways.isEmpty)
    }

    // MARK: Time

    @Test("settings that are never acknowledged end the connection")
    func settingsTimeout() {
        let peer = H2Peer(isFresh: true, { $0.headTimeout = 1000 })
        peer.send(H2.preface + H2.settings() + H2.headers(1, H2.get))
        #expect(peer[1].status == 200)
        peer.wait(milliseconds: 999)
        #expect(peer.goAways.isEmpty)
        peer.wait(milliseconds: 1)
        #expect(peer.ending == .settingsTimeout)
        #expect(peer.conversation.isFinished)
    }

    @Test("an idle connection is closed, a busy one is not, and PING does not make it busy")
    func idle() {
        let held = Held()
        let peer = H2Peer({ $0.idleTimeout = 1000 }, handle: { _, responder in held.hold(responder) })
        peer.wait(milliseconds: 500)
        peer.send(H2.headers(1, H2.get))
        peer.wait(milliseconds: 5000)
        #expect(peer.goAways.isEmpty)
        held.release(HTTPResponse(.ok))
        peer.sendLateAnswers()
        peer.wait(milliseconds: 999)
        peer.send(H2.ping())
        #expect(peer.goAways.isEmpty)
        peer.wait(milliseconds: 1)
        #expect(peer.ending == .noError)
        #expect(peer.conversation.isFinished)
    }

    @Test("a connection that gave memory back goes on as if nothing had been")
    func rest() {
        let peer = H2Peer(handle: count)
        for stream in stride(from: UInt32(1), to: 20, by: 2) {
            peer.send(H2.headers(stream, H2.post + [("x-\(stream)", String(repeating: "v", count: 5000))], end: false))
            peer.send(H2.data(stream, chunk, end: true))
            #expect(peer[stream].text == "\(chunk.count)")
            peer.wait(milliseconds: 2500)
        }
        // Nor does one that has a stream.
        peer.send(H2.headers(21, H2.post, end: false))
        peer.wait(milliseconds: 2500)
        peer.send(H2.data(21, "x", end: true))
        #expect(peer[21].text == "1")
        #expect(peer.goAways.isEmpty)
    }

    // MARK: The end

    @Test("draining tells the end twice, and finishes what has begun before the second", arguments: [false, true])
    func drain(clientAnswers: Bool) {
        let held = [Held(), Held()]
        let peer = H2Peer(handle: { request, responder in held[request.target.isPath("/up") ? 1 : 0].hold(responder) })
        peer.send(H2.headers(1, H2.get))
        let frames = peer.drain()
        #expect(peer.goAways.map(\.last) == [0x7FFF_FFFF])
        #expect(frames.contains { $0.type == .ping })
        // This was under way already.
        peer.send(H2.headers(3, H2.post))
        if clientAnswers {
            peer.send(H2.ping("\0\0\0\0\0\0\0\0", isAnswer: true))
        } else {
            peer.wait(milliseconds: 1000)
        }
        #expect(peer.goAways.map(\.last) == [0x7FFF_FFFF, 3])
        peer.send(H2.headers(5, H2.get))
        held[0].release(HTTPResponse(.ok))
        held[1].release(HTTPResponse(.ok))
        peer.sendLateAnswers()
        #expect(peer[1].status == 200)
        #expect(peer[3].status == 200)
        #expect(peer[5].status == nil)
        #expect(peer.goAways.allSatisfy { $0.code == .noError })
        #expect(peer.conversation.isFinished)
    }

    @Test("a drained connection without streams ends with the client's answer")
    func drainIdle() {
        let peer = H2Peer()
        peer.drain()
        #expect(!peer.conversation.isFinished)
        peer.send(H2.ping("\0\0\0\0\0\0\0\0", isAnswer: true))
        #expect(peer.conversation.isFinished)
    }

    @Test("an answer that closes the connection announces its end")
    func closes() {
        let peer = H2Peer(handle: { _, responder in
            var response = HTTPResponse(503)
            response.closesConnection = true
            responder.respond(response)
        })
        peer.send(H2.headers(1, H2.get))
        #expect(peer[1].status == 503)
        #expect(peer.goAways.map(\.last) == [0x7FFF_FFFF])
    }

    @Test("a client that says GOAWAY gets its answers, and then the connection is over")
    func goAway() {
        let held = Held()
        let peer = H2Peer(handle: { _, responder in held.hold(responder) })
        peer.send(H2.headers(1, H2.get) + H2.frame(.goAway, [UInt8](repeating: 0, count: 8)))
        #expect(!peer.conversation.isFinished)
        held.release(HTTPResponse(.ok))
        peer.sendLateAnswers()
        #expect(peer[1].status == 200)
        #expect(peer.conversation.isFinished)
    }

    @Test("a connection that is gone leaves its requests, and they are reported")
    func abandoned() {
        let held = Held()
        let peer = H2Peer(handle: { _, responder in held.hold(responder) })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.post, end: false))
        peer.conversation.abandon()
        #expect(held.clientHasGone)
        #expect([peer.records.next()?.status, peer.records.next()?.status] == [499, 499])
    }
}
