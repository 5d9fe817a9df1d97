import AccessControl
import DenseEngine
import DenseService
import GRPCMessages
import GRPCWire
import Glibc
import HTTPServer
import Locks
import Logging
import ModelStore
import SwiftProtobuf

/// A gRPC client on a connection without a socket, and the whole service behind it.
final class GRPCPeer: H2Inbox {
    typealias Fields = [(String, String)]

    let service: Service
    let models: ModelRegistry
    let conversation: WireConversation
    private let handler: GRPCHandler
    let records = ExchangeRecords()
    private var nextStream: UInt32 = 1
    private var sent: [UInt32: Int] = [:]

    init(
        _ configuration: ServiceConfiguration = ServiceConfiguration(), ready: Bool = true, gate: AccessGate? = nil,
        server: ServerConfiguration = ServerConfiguration(),
        models: ModelRegistry = ModelRegistry(maximumBytes: 1 << 24)
    ) {
        self.models = models
        let workers = WorkerQueue(width: 2, maximumRequests: 64, maximumBytes: 1 << 28)
        service = Service(
            configuration: configuration, models: models, workers: workers, logger: Logger(label: "test"))
        if ready { service.setReady() }
        let gate = gate ?? AccessGate(list: nil)
        let metrics = service.metrics.access
        handler = GRPCHandler(
            service, gate, metrics: metrics,
            next: AccessHandler(gate, metrics: metrics, next: ContentCodingHandler(service)))
        conversation = WireConversation(
            configuration: server, handler: handler, observer: RecordsBefore(records, service), speaksHTTP2: true)
        super.init()
        send(
            H2.preface + H2.settings([(4, 0x7FFF_FFFF)]) + H2.settingsAcknowledgement + H2.windowUpdate(0, 0x7FFF_0000))
    }

    /// `Dense(2)` over two features: the first times ten, and the sum.
    func register(_ name: String, _ text: String = GRPCPeer.model) throws {
        _ = try models.register(name, ModelDocument(json: Array(text.utf8)))
    }

    static let model = #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[10,1],[0,1]],"bias":[0,0]}}]}"#

    // MARK: Talking

    /// A connection over HTTP/1.1 to the same service.
    func plainConversation() -> WireConversation { WireConversation(handler: handler) }

    func send(_ bytes: [UInt8]) { take(conversation.receive(bytes)) }

    /// Begins a call. Returns its stream.
    func begin(
        _ path: String, _ fields: Fields = [], type: String = "application/grpc", method: String = "POST",
        end: Bool = false
    ) -> UInt32 {
        defer { nextStream += 2 }
        let head: Fields = [
            (":method", method), (":scheme", "http"), (":authority", "a"), (":path", path), ("content-type", type),
            ("te", "trailers"),
        ]
        send(H2.headers(nextStream, head + fields, end: end))
        return nextStream
    }

    /// Sends bytes of a body, in frames that are not too large and as far as the stream's window lets them, for which it
    /// waits. What the server does not want any more is not sent.
    func data(_ stream: UInt32, _ bytes: [UInt8], end: Bool = false) {
        var rest = bytes[...]
        repeat {
            let count = min(rest.count, 16_384)
            _ = wait { isOver(stream) || Self.window + windowUpdates(stream) - sent[stream, default: 0] >= count }
            guard !isOver(stream) else { return }
            send(H2.data(stream, Array(rest.prefix(count)), end: end && count == rest.count))
            sent[stream, default: 0] += count
            rest = rest.dropFirst(count)
        } while !rest.isEmpty
    }

    /// What a stream may send before its window opens further.
    private static let window = 256 << 10

    private func isOver(_ stream: UInt32) -> Bool { self[stream].ended || self[stream].reset != nil }

    /// Waits until something is true, which workers may bring about; false when it takes longer than a minute.
    func wait(until condition: () -> Bool) -> Bool {
        for _ in 0..<60_000 {
            if condition() { return true }
            take(conversation.sendLateAnswers())
            if condition() { return true }
            usleep(1000)
        }
        return false
    }

    /// A call with one request, whose body is given as it is.
    func call(_ path: String, body: [UInt8], _ fields: Fields = []) -> GRPCReply {
        let stream = begin(path, fields)
        data(stream, body, end: true)
        return reply(stream)
    }

    func call(_ path: String, _ message: some Message, _ fields: Fields = []) -> GRPCReply {
        call(path, body: Self.framed(message), fields)
    }

    /// Waits for the end of a call.
    func reply(_ stream: UInt32) -> GRPCReply {
        _ = wait { self[stream].ended || self[stream].reset != nil }
        return GRPCReply(self[stream])
    }

    static func framed(_ message: some Message) -> [UInt8] {
        let bytes: [UInt8] = (try? message.serializedBytes()) ?? []
        return GRPCFramer.prefix(length: bytes.count) + bytes
    }
}

/// What came of a call.
struct GRPCReply {
    let answer: H2Answer
    /// Each with its compressed flag.
    var messages: [(isCompressed: Bool, bytes: [UInt8])] = []

    init(_ answer: H2Answer) {
        self.answer = answer
        var framer = GRPCFramer(limit: 1 << 30)
        var position = 0
        while let event = try? framer.next(answer.body.span, at: &position) {
            switch event {
            case .begin(_, let isCompressed): messages.append((isCompressed, []))
            case .bytes(let range): messages[messages.count - 1].bytes += answer.body[range]
            case .end: break
            }
        }
    }

    /// The code in the trailers, or in the head that is trailers, too.
    var code: GRPCCode? { answer.field("grpc-status").flatMap { Int($0) }.flatMap(GRPCCode.init) }
    var text: String { answer.field("grpc-message") ?? "" }

    /// The only message.
    func message<M: Message>(_ type: M.Type = M.self) throws -> M {
        try M(serializedBytes: messages.first?.bytes ?? [])
    }
}

extension Inference_ModelInferRequest {
    /// A request with rows of two zeros.
    static func ofZeros(rows: Int, model: String = "m") -> Inference_ModelInferRequest {
        .with { request in
            request.modelName = model
            request.inputs = [
                .with { input in
                    input.name = "input"
                    input.datatype = "FP32"
                    input.shape = [Int64(rows), 2]
                }
            ]
            request.rawInputContents = [.init(repeating: 0, count: rows * 8)]
        }
    }
}

/// Keeps what is told of finished exchanges.
final class ExchangeRecords: Sendable {
    private let all = Lock<[ExchangeRecord]>([])

    func append(_ record: ExchangeRecord) { all.withLock { $0.append(record) } }
    var innerStatuses: [Int?] { all.withLock { $0.map(\.innerStatus) } }
}

private struct RecordsBefore: HTTPExchangeObserver {
    let records: ExchangeRecords
    let next: Service

    init(_ records: ExchangeRecords, _ next: Service) {
        self.records = records
        self.next = next
    }

    func exchangeFinished(_ record: ExchangeRecord) {
        records.append(record)
        next.exchangeFinished(record)
    }
}
