package import HTTPServer

/// Stands before all other handlers and lets pages of other origins see their answers, errors and refusals included.
package struct CORSHandler: HTTPHandler {
    private let policy: CORSPolicy
    private let next: any HTTPHandler

    /// - Parameter next: gets all requests but those of browsers that only ask what they may do.
    package init(_ policy: CORSPolicy, next: any HTTPHandler) {
        self.policy = policy
        self.next = next
    }

    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        if let answer = policy.preflight(head) { return .refused(answer) }
        let admission = next.admit(head, from: peer)
        guard case .refused(var response, let client) = admission else { return admission }
        policy.apply(to: &response, for: head)
        return .refused(response, client: client)
    }

    package func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let head = request.head
        // Only the answers to these are kept in caches, which want to know what the answer depends on.
        guard head.headers.contains("Origin") || policy.varies && (head.method == .get || head.method == .head) else {
            return next.handle(request, responder)
        }
        let answering = responder.answering { [policy] response, responder in
            var response = response
            policy.apply(to: &response, for: head)
            responder.respond(response)
        }
        next.handle(request, answering)
    }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        unsafe next.outline(of: head, beginning: beginning)
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        var response = next.errorResponse(error, to: head)
        policy.apply(to: &response, for: head)
        return response
    }
}
