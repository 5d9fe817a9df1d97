internal import GRPCMessages
internal import GRPCWire
internal import HTTPServer
internal import Locks
internal import SwiftProtobuf

/// `grpc.health.v1.Health`: the server as a whole, which has no name, and each of its services, which are as ready as it is.
enum GRPCHealth {
    /// The state of a service; nil for one that there is not.
    static func status(of name: String, in service: Service) -> Grpc_Health_V1_HealthCheckResponse.ServingStatus? {
        guard name.isEmpty || GRPCMethod.services.contains(name) else { return nil }
        return service.isReady ? .serving : .notServing
    }

    static func check(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Grpc_Health_V1_HealthCheckRequest.self, message)
        guard let status = status(of: request.service, in: service) else {
            throw APIError(404, "unknown_service", "There is no service '\(request.service.prefix(200))'.")
        }
        return Grpc_Health_V1_HealthCheckResponse.with { $0.status = status }
    }
}

/// A call of `Watch`: the state now, and again whenever it changes.
final class GRPCHealthWatch: GRPCStreamCall {
    private struct State {
        var answer: GRPCStreamAnswer?
        /// The service that is watched, once that is known.
        var name: String?
        var last: Grpc_Health_V1_HealthCheckResponse.ServingStatus?
    }

    private let service: Service
    private let state = Lock(State())

    init(_ service: Service) { self.service = service }

    func begin(_ answer: GRPCStreamAnswer, _ messages: GRPCStreamHandler) {
        state.withLock { $0.answer = answer }
    }

    var mayReceive: Bool { true }

    func receive(_ message: GRPCMessage, held: Int) {
        let answer = state.withLock { $0.answer }
        answer?.stream.release(held)
        do throws(APIError) {
            let message = try message.plain(limit: service.configuration.maximumBodyBytes)
            let request = try GRPCProtobuf.decode(Grpc_Health_V1_HealthCheckRequest.self, message)
            let isFirst = state.withLock { state in
                defer { state.name = request.service }
                return state.name == nil
            }
            guard isFirst else { return answer?.end(GRPCStatus(GRPCFrameError.severalMessages)) ?? () }
        } catch { answer?.end(GRPCStatus(error)) }
        service.readinessWatchers.add(self)
        tell()
    }

    func receiveEnd() {
        let (name, answer) = state.withLock { ($0.name, $0.answer) }
        if name == nil { answer?.end(GRPCStatus(GRPCFrameError.noMessage)) }
    }

    func drain() {
        tell()
        state.withLock { $0.answer }?.end(GRPCStatus(GRPCCallError.draining))
    }

    /// Sends the state if it is another one.
    func tell() {
        state.withLock { state in
            guard let name = state.name else { return }
            let status = GRPCHealth.status(of: name, in: service) ?? .serviceUnknown
            guard status != state.last else { return }
            state.last = status
            let message = Grpc_Health_V1_HealthCheckResponse.with { $0.status = status }
            if let framed = try? GRPCProtobuf.framed(message) { state.answer?.send(framed) }
        }
    }
}

/// Those who watch whether the server is ready. They are forgotten when nobody else refers to them.
final class ReadinessWatchers: Sendable {
    private struct Entry: Sendable {
        weak let watch: GRPCHealthWatch?
    }

    private let entries = Lock<[Entry]>([])

    func add(_ watch: GRPCHealthWatch) {
        entries.withLock { entries in
            // Every so often those who have gone are forgotten.
            if entries.count.isMultiple(of: 64) { entries.removeAll { $0.watch == nil } }
            entries.append(Entry(watch: watch))
        }
    }

    /// Something may have changed.
    func tell() {
        for entry in entries.withLock({ $0 }) { entry.watch?.tell() }
    }
}
