import DenseEngine
import DenseService
import Dispatch
import HTTPServer
import Logging
import ModelStore
import Testing

/// Clients that leave while their requests wait for a worker.
@Suite("Clients that leave")
struct VanishingClientTests {
    enum Way: CaseIterable {
        /// HTTP/1.1: it closes its side (FIN), or the connection breaks (RST).
        case ends, breaks
        /// HTTP/2: it resets the stream, closes its side, or the connection breaks.
        case resetsStream, endsStreams, breaksStreams

        var isHTTP2: Bool { self != .ends && self != .breaks }
    }

    /// A request that is too large for the loop.
    private static let body: [UInt8] = {
        let rows = Array(repeating: "[1,2]", count: 2500).joined(separator: ",")
        return Array(#"{"input":[\#(rows)],"model":"m"}"#.utf8)
    }()

    @Test("what they asked for is dropped uncomputed, and counted", arguments: Way.allCases)
    func leave(_ way: Way) throws {
        let models = ModelRegistry(maximumBytes: 1 << 20)
        let workers = WorkerQueue(width: 1, maximumRequests: 8, maximumBytes: 1 << 28)
        let service = Service(
            configuration: ServiceConfiguration(), models: models, workers: workers, logger: Logger(label: "test"))
        service.setReady()
        let conversation = WireConversation(
            handler: ContentCodingHandler(service), observer: service, speaksHTTP2: way.isHTTP2)
        if way.isHTTP2 { _ = conversation.receive(Self.preface) }
        let request = way.isHTTP2 ? Self.streams : Self.request
        let register = Array(TestServer.model.utf8)
        _ = conversation.receive(request("PUT", "/models/m", register, 1))
        workers.waitUntilIdle()
        _ = conversation.sendLateAnswers()

        let gate = DispatchSemaphore(value: 0)
        try workers.async(bytes: 0) { gate.wait() }
        _ = conversation.receive(request("POST", "/dense", Self.body, 3))
        #expect(workers.depth.requests == 2)
        switch way {
        case .ends, .endsStreams: _ = conversation.endInput()
        case .breaks, .breaksStreams: conversation.abandon()
        case .resetsStream: _ = conversation.receive([0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 8])
        }
        gate.signal()
        workers.waitUntilIdle()
        _ = conversation.sendLateAnswers()
        #expect(service.metrics.batches.dropped(.cancelled) == 1)
        #expect(service.metrics.batches.computed.batches == 0)
        #expect(service.metrics.requests(nil, status: 499) == 0)
        #expect(workers.depth == (0, 0))
        #expect(conversation.bufferBytes == 0)
    }

    // MARK: Bytes

    @Sendable
    private static func request(_ method: String, _ path: String, _ body: [UInt8], _ stream: UInt8) -> [UInt8] {
        Array(
            "\(method) \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
                .utf8) + body
    }

    private static let preface: [UInt8] =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]

    @Sendable
    private static func streams(_ method: String, _ path: String, _ body: [UInt8], _ stream: UInt8) -> [UInt8] {
        let fields = [
            (":method", method), (":scheme", "http"), (":authority", "a"), (":path", path),
            ("content-type", "application/json"),
        ]
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            for text in [name, value] {
                block.append(UInt8(text.utf8.count))
                block += Array(text.utf8)
            }
        }
        return frame(1, flags: 4, stream, block) + frame(0, flags: 1, stream, body)
    }

    private static func frame(_ kind: UInt8, flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let size = payload.count
        let length = [UInt8(size >> 16), UInt8(size >> 8 & 255), UInt8(size & 255)]
        return length + [kind, flags, 0, 0, 0, stream] + payload
    }
}
