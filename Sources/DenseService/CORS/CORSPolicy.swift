internal import HTTPServer

/// Which pages of other origins may call this server from a browser (the Fetch standard, "CORS protocol").
///
/// `Access-Control-Allow-Credentials` is never sent: a page sends its token in a header field of its own, and cookies mean
/// nothing here.
package struct CORSPolicy: Sendable {
    private enum Origins: Sendable {
        case any
        case listed([[UInt8]])
    }

    private let origins: Origins
    private let methods: String
    private let headers: String
    private let maxAge: String

    /// What an answer holds beyond what every page may see.
    private static let exposed = [
        "Accept-Encoding", "Accept-Post", "Allow", "Dense-Batch", "ETag", "Location", "Retry-After", "Server-Timing",
        "WWW-Authenticate", "X-Model-Version", "X-Request-Id", "X-Tensor-Dtype", "X-Tensor-Shape",
    ].joined(separator: ", ")

    /// A policy, nil for none: where `origins` is empty.
    ///
    /// - Parameters:
    ///   - origins: `*`, or origins like `https://app.example:8443`, separated by commas.
    ///   - methods: what the pages may do, separated by commas.
    ///   - headers: the fields the pages may send, separated by commas.
    ///   - maxAge: the seconds for which a browser need not ask again.
    package init?(origins: String, methods: String, headers: String, maxAge: Int) throws(CORSError) {
        let listed = Self.list(origins)
        guard !listed.isEmpty else { return nil }
        if listed == ["*"] {
            self.origins = .any
        } else {
            for origin in listed where !Self.isOrigin(origin) { throw .invalidOrigin(origin) }
            self.origins = .listed(listed.map { Array($0.utf8) })
        }
        for method in Self.list(methods) where HTTPMethod(rawValue: method) == nil { throw .invalidMethod(method) }
        for name in Self.list(headers) where !Self.isFieldName(name) { throw .invalidHeader(name) }
        self.methods = Self.list(methods).joined(separator: ", ")
        self.headers = Self.list(headers).joined(separator: ", ")
        self.maxAge = String(maxAge)
    }

    private static func list(_ text: String) -> [String] {
        text.split { $0 == "," || $0 == " " }.map(String.init)
    }

    /// Whether text is an origin as browsers write it: a scheme, a host in lower case and no path. `null`, which pages of
    /// any origin can send, is none.
    private static func isOrigin(_ text: String) -> Bool {
        guard let end = text.firstRange(of: "://") else { return false }
        let scheme = text[..<end.lowerBound]
        let host = text[end.upperBound...]
        return !scheme.isEmpty && !host.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !(0x41...0x5A).contains($0) }
            && !host.contains { "/?#@*\\".contains($0) }
    }

    private static func isFieldName(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
    }

    // MARK: Answers

    /// Whether an answer depends on the origin, which caches have to know.
    var varies: Bool { if case .any = origins { false } else { true } }

    /// What pages of the request's origin are allowed; nil when it has none, or it is not allowed anything.
    private func allowedOrigin(_ head: HTTPRequestHead?) -> String? {
        switch origins {
        case .any: return "*"
        case .listed(let origins):
            guard let origin = head?.headers.bytes("Origin"), origins.contains(where: { $0.elementsEqual(origin) })
            else { return nil }
            return String(decoding: origin, as: UTF8.self)
        }
    }

    /// Lets the request's page see the answer, if its origin is allowed.
    func apply(to response: inout HTTPResponse, for head: HTTPRequestHead?) {
        if let origin = allowedOrigin(head) {
            response.headers.append((name: "Access-Control-Allow-Origin", value: origin))
            response.headers.append((name: "Access-Control-Expose-Headers", value: Self.exposed))
        }
        if varies { response.headers.append((name: "Vary", value: "Origin")) }
    }

    /// The answer to a browser that asks before it sends a page's request, nil for any other request.
    func preflight(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard head.method == .options, head.headers.contains("Origin"),
            head.headers.contains("Access-Control-Request-Method"), let origin = allowedOrigin(head)
        else { return nil }
        var response = HTTPResponse(
            .noContent,
            headers: [
                (name: "Access-Control-Allow-Origin", value: origin),
                (name: "Access-Control-Allow-Methods", value: methods),
                (name: "Access-Control-Allow-Headers", value: headers),
                (name: "Access-Control-Max-Age", value: maxAge),
            ])
        if varies { response.headers.append((name: "Vary", value: "Origin")) }
        return response
    }
}

/// What is wrong with the settings of a policy.
package enum CORSError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidOrigin(String)
    case invalidMethod(String)
    case invalidHeader(String)

    package var description: String {
        switch self {
        case .invalidOrigin(let origin):
            "An origin of cors_origins cannot be used. Expected '*' alone, or origins like https://app.example without a "
                + "path and in lower case, received '\(origin)'."
        case .invalidMethod(let method):
            "A method of cors_methods is not known. Expected some of "
                + "\(HTTPMethod.allCases.map(\.rawValue).joined(separator: ", ")), received '\(method)'."
        case .invalidHeader(let name):
            "A name of cors_headers cannot be used. Expected names of header fields, received '\(name)'."
        }
    }
}
