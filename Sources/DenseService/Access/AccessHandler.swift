internal import AccessControl
package import HTTPServer

/// Stands before the service and refuses, before any body is read, what its sender may not do.
package struct AccessHandler: HTTPHandler {
    private let next: any HTTPHandler
    private let gate: AccessGate
    private let metrics: AccessMetrics
    private let aliases: RouteAliases

    /// - Parameters:
    ///   - next: gets the requests that are let in.
    ///   - metrics: counts the others.
    ///   - aliases: those of the service.
    package init(_ gate: AccessGate, metrics: AccessMetrics, next: any HTTPHandler, aliases: RouteAliases = .none) {
        self.aliases = aliases
        self.gate = gate
        self.metrics = metrics
        self.next = next
    }

    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        guard case .operation(let operation, _) = Router.route(head.method, head.target, aliases) else {
            return next.admit(head, from: peer)
        }
        do throws(AccessGate.Refusal) {
            let client = try gate.admit(operation, head, from: peer)
            switch next.admit(head, from: peer) {
            case .admitted: return .admitted(client: client)
            case .streamed(let handler, _): return .streamed(handler, client: client)
            case .refused(let response, _): return .refused(response, client: client)
            }
        } catch {
            metrics.count(error.error.reason)
            return .refused(APIError(error.error).response, client: error.client)
        }
    }

    package func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        next.handle(request, responder)
    }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        unsafe next.outline(of: head, beginning: beginning)
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        next.errorResponse(error, to: head)
    }
}
