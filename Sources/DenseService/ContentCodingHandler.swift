internal import ContentCoding
internal import DenseEngine
package import HTTPServer
internal import Locks

/// Stands before the service and undoes the content codings of requests, and applies one to answers whose clients accept
/// it. Requests and answers without codings pass through it untouched.
///
/// What may take long runs on a worker: decoding but a few bytes, and every encoding.
package struct ContentCodingHandler: HTTPHandler {
    /// A body of so many bytes is decoded on the loop's thread, as long as it does not come out longer than `inlineLimit`.
    private static let inlineBody = 4 << 10
    private static let inlineLimit = 32 << 10

    private let next: Service

    /// - Parameter service: gets the requests, decoded.
    package init(_ service: Service) {
        next = service
    }

    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        let admission = next.admit(head, from: peer)
        guard case .admitted = admission, head.announcesBody, head.headers.contains("Content-Encoding") else {
            return admission
        }
        do throws(ContentCodingError) {
            _ = try ContentCoding.list(head.headers.values("Content-Encoding"))
            return admission
        } catch { return .refused(APIError(error).response) }
    }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        unsafe next.outline(of: head, beginning: beginning)
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        next.errorResponse(error, to: head)
    }

    package func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        // Only the answers to these are kept in caches, which want to know what the answer depends on.
        let isCacheable = request.method == .get || request.method == .head
        guard isCacheable || request.headers.contains("Accept-Encoding") else {
            return receive(request, responder)
        }
        let loop = ThreadNumber.current
        let answering = responder.answering { [self] response, responder in
            send(response, to: request.headers, responder, loop: loop)
        }
        receive(request, answering)
    }

    // MARK: Requests

    private func receive(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        guard request.headers.contains("Content-Encoding") else { return next.handle(request, responder) }
        let codings: [ContentCoding]
        do throws(ContentCodingError) {
            codings = try ContentCoding.list(request.headers.values("Content-Encoding"))
            guard !codings.isEmpty else { return next.handle(request, responder) }
            let limit = next.configuration.maximumBodyBytes
            if request.body.count <= Self.inlineBody {
                let inlineLimit = min(limit, Self.inlineLimit)
                do throws(ContentCodingError) {
                    return next.handle(try decoded(request, codings, limit: inlineLimit), responder)
                } catch {
                    guard case .tooLarge = error, inlineLimit < limit else { throw error }
                }
            }
        } catch { return responder.respond(APIError(error).response) }
        receive(request, codings, responder)
    }

    /// Decodes on a worker, and goes on there.
    private func receive(_ request: HTTPRequest, _ codings: [ContentCoding], _ responder: consuming HTTPResponder) {
        let pending = PendingAnswer(responder)
        let timing: Timing
        do throws(APIError) {
            timing = try Timing(request, limit: next.configuration.requestTimeout)
        } catch { return pending.respond(error.response) }
        do throws(EngineError) {
            try next.workers.async(timing.options(for: pending, bytes: request.body.count)) { reason in
                if let reason { return pending.respond(timing.error(reason).response) }
                do throws(ContentCodingError) {
                    let request = try decoded(request, codings, limit: next.configuration.maximumBodyBytes)
                    if let responder = pending.take() { next.handle(request, responder) }
                } catch { pending.respond(APIError(error).response) }
            }
        } catch { pending.respond(APIError(error).response) }
    }

    private func decoded(
        _ request: HTTPRequest, _ codings: [ContentCoding], limit: Int
    ) throws(ContentCodingError) -> HTTPRequest {
        let started = Instant.now
        let body = HTTPBody(replacing: request.body)
        try unsafe request.body.withUnsafeBytes { bytes throws(ContentCodingError) in
            try unsafe ContentDecoder.decode(bytes, codings, limit: limit) { unsafe body.append(decoded: $0) }
        }
        // It came when its coded bytes came: its deadline counts from then, and the decoding as a part of it.
        return HTTPRequest(
            head: request.head, body: body, id: request.id, peer: request.peer, arrival: request.arrival,
            decodingNanoseconds: Instant.now.since(started))
    }

    // MARK: Answers

    private func send(
        _ response: HTTPResponse, to headers: HTTPHeaders, _ responder: consuming HTTPResponder, loop: Int
    ) {
        guard response.isCompressible else { return responder.respond(response) }
        let isLarge = response.body.count >= next.configuration.compressMinimumBytes
        guard isLarge || headers.mentionsIdentity else { return responder.respond(response) }
        let accepted = AcceptedCodings(headers.values("Accept-Encoding"))
        var response = response
        response.headers.append((name: "Vary", value: "Accept-Encoding"))
        guard isLarge || !accepted.allowsIdentity, let coding = accepted.best else {
            return responder.respond(
                accepted.allowsIdentity ? response : APIError(.noAcceptableCoding(ContentCoding.allNames)).response)
        }
        // On a worker's thread already, or on that of the management.
        guard ThreadNumber.current == loop else { return responder.respond(response.coded(coding)) }
        let pending = PendingAnswer(responder)
        do throws(EngineError) {
            try next.workers.async(bytes: response.body.count) { [response] in
                pending.respond(response.coded(coding))
            }
        } catch {
            // The workers have no room: its bytes as they are cost none of their time.
            pending.respond(accepted.allowsIdentity ? response : APIError(error).response)
        }
    }
}

extension HTTPHeaders {
    /// Whether `Accept-Encoding` may say something about bodies as they are.
    fileprivate var mentionsIdentity: Bool {
        guard let bytes = bytes("Accept-Encoding") else { return false }
        return bytes.contains { $0 == UInt8(ascii: "*") || $0 | 0x20 == UInt8(ascii: "y") }
    }
}

extension HTTPResponse {
    /// Whether its body is text, which gets smaller. Binary tensors hardly do.
    fileprivate var isCompressible: Bool {
        guard !body.isEmpty else { return false }
        var isText = false
        for (name, value) in headers {
            switch name {
            case "Content-Type": isText = value.hasPrefix(MediaType.json.rawValue) || value.hasPrefix("text/")
            case "Content-Encoding": return false
            default: break
            }
        }
        return isText
    }

    /// The response with its body coded, or as it is when that would not make it smaller.
    fileprivate func coded(_ coding: ContentCoding) -> HTTPResponse {
        guard let body = ContentEncoder.encode(body, coding) else { return self }
        var response = self
        response.body = body
        response.headers.append((name: "Content-Encoding", value: coding.rawValue))
        // Other bytes with the same meaning: the tag is a weak one (RFC 9110, section 8.8.3.3).
        for index in response.headers.indices where response.headers[index].name == "ETag" {
            response.headers[index].value = "W/" + response.headers[index].value
        }
        return response
    }
}

extension ContentCoding {
    static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
