internal import AccessControl
internal import ContentCoding
internal import GRPCWire
package import HTTPServer

/// Stands before all other handlers and answers the calls of gRPC clients, which come over HTTP/2 on the same ports as
/// everything else and are known by their media type.
package struct GRPCHandler: HTTPHandler {
    private enum Kind {
        case other
        /// The path of a method, and another media type.
        case wrongType
        /// Nil for a method that there is not.
        case call(GRPCMethod?)
    }

    private let service: Service
    private let gate: AccessGate
    private let metrics: AccessMetrics
    private let next: any HTTPHandler

    /// - Parameters:
    ///   - metrics: counts calls that are not let in.
    ///   - next: gets all that is no call.
    package init(_ service: Service, _ gate: AccessGate, metrics: AccessMetrics, next: any HTTPHandler) {
        self.service = service
        self.gate = gate
        self.metrics = metrics
        self.next = next
    }

    private static func kind(_ head: HTTPRequestHead) -> Kind {
        guard head.version == .http2 else { return .other }
        if let type = head.headers.bytes("content-type"), isGRPC(type) { return .call(GRPCMethod(head.target)) }
        guard head.method == .post, !head.target.isPath("/dense"), GRPCMethod(head.target) != nil else { return .other }
        return .wrongType
    }

    /// `application/grpc`, `application/grpc+proto`, and parameters behind them.
    private static func isGRPC(_ type: ArraySlice<UInt8>) -> Bool {
        let name = "application/grpc"
        guard type.count >= name.utf8.count, type.prefix(name.utf8.count).elementsEqual(name.utf8) else { return false }
        let rest = type.dropFirst(name.utf8.count).prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        return rest.isEmpty || rest.elementsEqual("+proto".utf8)
    }

    // MARK: HTTPHandler

    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        switch Self.kind(head) {
        case .other: return next.admit(head, from: peer)
        case .wrongType:
            let error = APIError(
                415, "unsupported_media_type",
                "A gRPC method needs a gRPC client. Expected application/grpc or application/grpc+proto, received "
                    + "'\((head.headers["Content-Type"] ?? "none").prefix(200))'.")
            return .refused(error.response)
        case .call(nil):
            return .refused(GRPCAnswer.status(GRPCStatus(GRPCCallError.unknownMethod(head.target.rawPath))))
        case .call(let method?):
            do throws(AccessGate.Refusal) {
                let client = try gate.admit(method.roles, changesModels: method.changesModels, head, from: peer)
                return admit(method, head, client)
            } catch {
                metrics.count(error.error.reason)
                return .refused(GRPCAnswer.error(APIError(error.error)), client: error.client)
            }
        }
    }

    private func admit(_ method: GRPCMethod, _ head: HTTPRequestHead, _ client: String?) -> HTTPAdmission {
        do throws(GRPCCallError) {
            guard head.method == .post else { throw .notPost(head.method.rawValue) }
            let coding = try GRPCEncoding.coding(head)
            let timeout = try GRPCTimeout(head)
            guard method.isStreamed else { return .admitted(client: client) }
            return .streamed(
                GRPCStreamHandler(
                    try streamedCall(method, head, timeout), coding, limit: service.configuration.maximumBodyBytes),
                client: client)
        } catch { return .refused(GRPCAnswer.status(GRPCStatus(error)), client: client) }
    }

    private func streamedCall(
        _ method: GRPCMethod, _ head: HTTPRequestHead, _ timeout: GRPCTimeout?
    ) throws(GRPCCallError) -> any GRPCStreamCall {
        switch method {
        case .modelStreamInfer: GRPCInferStream(service, head, timeout)
        case .healthWatch: GRPCHealthWatch(service)
        default: GRPCReflectionCall(limit: service.configuration.maximumBodyBytes)
        }
    }

    package func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        guard case .call(let method?) = Self.kind(request.head) else { return next.handle(request, responder) }
        service.call(method, request, responder)
    }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        switch Self.kind(head) {
        case .call(.modelInfer?): unsafe GRPCMessage.outline(of: beginning)
        case .call: HTTPBodyOutline()
        case .other, .wrongType: unsafe next.outline(of: head, beginning: beginning)
        }
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        guard let head, case .call = Self.kind(head) else { return next.errorResponse(error, to: head) }
        return GRPCAnswer.error(APIError(error))
    }
}

extension GRPCTimeout {
    /// What a call's head says; nil for nothing.
    init?(_ head: HTTPRequestHead) throws(GRPCCallError) {
        guard let text = head.headers.bytes("grpc-timeout") else { return nil }
        guard let timeout = GRPCTimeout(text) else {
            throw .invalidTimeout(String(decoding: text, as: UTF8.self))
        }
        self = timeout
    }
}
