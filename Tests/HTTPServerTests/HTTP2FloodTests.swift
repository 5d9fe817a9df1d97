import HTTPServer
import Testing

@Suite("What an HTTP/2 client may not do too often")
struct HTTP2FloodTests {
    typealias Kind = HTTP2FloodGuard.Kind

    /// Bytes that cost the server one of a kind, for the stream given.
    private static func nuisance(_ kind: Kind, stream: UInt32) -> [UInt8] {
        switch kind {
        case .reset: H2.headers(stream, H2.post, end: false) + H2.reset(stream)
        case .ownReset: H2.headers(stream, H2.get + [("connection", "close")])
        case .settings: H2.settings()
        case .ping: H2.ping()
        case .priority: H2.frame(.priority, stream: stream, [0, 0, 0, 0, 1])
        case .emptyData: H2.data(1, "")
        case .windowUpdate: H2.windowUpdate(0, 1)
        }
    }

    /// A connection on which one upload is under way.
    private static func peer() -> H2Peer {
        let peer = H2Peer({
            $0.idleTimeout = 80_000_000; $0.bodyTimeout = 80_000_000
        })
        peer.send(H2.headers(1, H2.post, end: false))
        return peer
    }

    @Test("a flood ends the connection with ENHANCE_YOUR_CALM, at its bound and not before", arguments: Kind.allCases)
    func flood(_ kind: Kind) {
        let peer = Self.peer()
        // The handshake has cost a SETTINGS already.
        let bound = HTTP2FloodGuard.bound(of: kind).burst - (kind == .settings ? 1 : 0)
        for index in 0..<bound { peer.send(Self.nuisance(kind, stream: UInt32(3 + 2 * index))) }
        #expect(peer.goAways.isEmpty)
        peer.send(Self.nuisance(kind, stream: UInt32(3 + 2 * bound)))
        #expect(peer.ending == .enhanceYourCalm)
        #expect(peer.conversation.isFinished)
    }

    @Test(
        "a flood in one piece ends the connection, too, and what is sent for it stays small", arguments: Kind.allCases)
    func floodAtOnce(_ kind: Kind) {
        let peer = Self.peer()
        let bytes = (0..<5000).flatMap { Self.nuisance(kind, stream: UInt32(3 + 2 * $0)) }
        let before = peer.frames.count
        for start in stride(from: 0, to: bytes.count, by: 65_536) {
            peer.send(Array(bytes[start..<min(start + 65_536, bytes.count)]))
        }
        // Streams whose reset is not even sent yet still count for the limit of streams.
        #expect(peer.ending == (kind == .ownReset ? .protocolError : .enhanceYourCalm))
        #expect(peer.frames.count - before <= 1100)
    }

    @Test("time gives back what was used up", arguments: Kind.allCases)
    func time(_ kind: Kind) {
        let peer = Self.peer()
        let bound = HTTP2FloodGuard.bound(of: kind)
        var stream: UInt32 = 3
        for _ in 0..<bound.burst - (kind == .settings ? 1 : 0) {
            peer.send(Self.nuisance(kind, stream: stream))
            stream += 2
        }
        peer.wait(milliseconds: 3_000)
        for _ in 0..<3 * bound.perSecond {
            peer.send(Self.nuisance(kind, stream: stream))
            stream += 2
        }
        #expect(peer.goAways.isEmpty)
        peer.send(Self.nuisance(kind, stream: stream))
        #expect(peer.ending == .enhanceYourCalm)
    }

    @Test("who asks for answers may do more", arguments: Kind.allCases)
    func answers(_ kind: Kind) {
        let bound = HTTP2FloodGuard.bound(of: kind)
        guard bound.perAnswer > 0 else { return }
        let peer = Self.peer()
        var stream: UInt32 = 3
        for _ in 0..<bound.burst + 200 {
            peer.send(Self.nuisance(kind, stream: stream) + H2.headers(stream + 2, H2.get))
            stream += 4
        }
        #expect(peer.goAways.isEmpty)
    }

    @Test("a head in too many CONTINUATION frames ends the connection")
    func continuations() {
        for count in [4, 5000] {
            let peer = H2Peer()
            let empty = H2.frame(.continuation, stream: 1)
            peer.send(H2.frame(.headers, flags: 1, stream: 1, H2.block(H2.get)))
            for _ in 0..<count where peer.goAways.isEmpty { peer.send(empty) }
            peer.send(H2.frame(.continuation, flags: 4, stream: 1))
            #expect(peer.ending == (count == 4 ? nil : .enhanceYourCalm))
            #expect(peer[1].status == (count == 4 ? 200 : nil))
        }
    }

    @Test("fields that unpack to far more than they weigh end the connection")
    func bomb() {
        let peer = H2Peer()
        // One large field enters the table, then a byte each repeats it.
        let large = [0x40] + H2.string("a") + H2.string(String(repeating: "b", count: 3900))
        peer.send(
            H2.frame(.headers, flags: 5, stream: 1, H2.block(H2.get) + large + [UInt8](repeating: 0xBE, count: 10_000)))
        #expect(peer.ending == .enhanceYourCalm)
        #expect(peer.records.isSomethingThere == false)
    }

    @Test("frames cut by others' streams do not hide a head that never ends")
    func slowHead() {
        let peer = H2Peer({ $0.headTimeout = 1000 })
        peer.send(H2.headers(1, H2.post, end: false))
        peer.send(H2.frame(.headers, stream: 3, H2.block(H2.get)))
        peer.wait(milliseconds: 999)
        #expect(peer.goAways.isEmpty)
        peer.send(H2.frame(.continuation, stream: 3))
        peer.wait(milliseconds: 1)
        #expect(peer.ending == .enhanceYourCalm)
    }
}
