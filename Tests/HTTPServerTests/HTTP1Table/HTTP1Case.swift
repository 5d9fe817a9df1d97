import HTTPServer
import Testing

/// One row of the table: what a client sends, every byte it has to get for it, and what becomes of the connection.
struct HTTP1Case: Sendable, CustomTestStringConvertible {
    /// What becomes of the connection.
    enum Fate {
        /// A good request behind these bytes is answered.
        case livesOn
        /// The last answer ends it, and what follows is never answered.
        case closes
        /// More has to come: a request begun here is not answered yet.
        case waits
    }

    /// What it shows, and of which document: sections of RFC 9112 unless another is named.
    let name: String
    let bytes: [UInt8]
    let answers: [HTTP1Answer]
    let fate: Fate

    /// A row. Each scalar of the text is one byte.
    init(_ section: String, _ name: String, _ text: String, _ answers: HTTP1Answer..., then fate: Fate = .livesOn) {
        self.name = "\(section): \(name)"
        bytes = text.latin1
        self.answers = answers
        self.fate = fate
    }

    /// A row of a request that is refused, which always ends the connection.
    init(_ section: String, _ name: String, _ text: String, _ status: Int, _ error: HTTPError) {
        self.init(section, name, text, .refused(status, error), then: .closes)
    }

    /// A row of a request that is no HTTP/1.
    init(_ section: String, _ name: String, _ text: String, _ reason: MalformedRequest) {
        self.init(section, name, text, 400, .malformed(reason))
    }

    /// A row of one good request line, `GET` of a target.
    init(_ section: String, _ name: String, target: String, _ seen: String) {
        self.init(section, name, "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET \(seen)"))
    }

    /// A row of a target that is refused.
    init(_ section: String, _ name: String, target: String, _ reason: MalformedRequest) {
        self.init(section, name, "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", reason)
    }

    /// A row of a GET request with this line besides `Host`, refused.
    init(_ section: String, _ name: String, field: String, _ reason: MalformedRequest) {
        self.init(section, name, "GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n", reason)
    }

    /// A row of a chunked body, whole or refused in its middle.
    init(_ section: String, _ name: String, chunks: String, _ answer: HTTP1Answer, then fate: Fate = .livesOn) {
        self.init(
            section, name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", answer,
            then: fate)
    }

    /// A row of a chunked body that is malformed.
    init(_ section: String, _ name: String, chunks: String, _ reason: MalformedRequest) {
        self.init(section, name, chunks: chunks, .refused(400, .malformed(reason)), then: .closes)
    }

    var testDescription: String { name }
}

/// An answer, down to its last byte apart from `Date` and `X-Request-Id`.
struct HTTP1Answer: Sendable {
    private var statusLine: String
    private var fields: [String] = []
    private var body: String?
    private var hidesBody = false
    private var isFinal = true

    /// 200: the handler got this request.
    static func seen(_ request: String) -> Self { Self(statusLine: "200 OK", body: request) }

    /// 100: the client shall send its body.
    static let proceed = Self(statusLine: "100 Continue", isFinal: false)

    /// An answer that may not have a body.
    static func empty(_ statusLine: String) -> Self { Self(statusLine: statusLine) }

    /// The server's own finding, as its default sentence.
    static func refused(_ status: Int, _ error: HTTPError) -> Self {
        Self(
            statusLine: "\(status) \(HTTPStatus(status).reason)", fields: ["Content-Type: text/plain; charset=utf-8"],
            body: "\(error)\n")
    }

    /// The same, to a HEAD request.
    func withoutBody() -> Self {
        var answer = self
        answer.hidesBody = true
        return answer
    }

    /// The same, to an HTTP/1.0 client that asked for the connection to be kept.
    func keptAlive() -> Self {
        var answer = self
        answer.fields.append("Connection: keep-alive")
        return answer
    }

    /// The answers' bytes; the last one may end the connection.
    static func text(_ answers: [HTTP1Answer], closes: Bool) -> String {
        answers.enumerated().map { index, answer in
            var lines = ["HTTP/1.1 \(answer.statusLine)"] + answer.fields
            if closes, index == answers.count - 1 { lines.append("Connection: close") }
            if answer.isFinal, let body = answer.body { lines.append("Content-Length: \(body.utf8.count)") }
            return lines.map { $0 + "\r\n" }.joined() + "\r\n" + (answer.hidesBody ? "" : answer.body ?? "")
        }.joined()
    }

    /// What a server sent, without what changes from one run to the next. Nil unless each final answer has both fields.
    static func comparable(_ bytes: [UInt8], finalAnswers: Int) -> String? {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        for name in ["Date: ", "X-Request-Id: "] {
            let before = lines.count
            lines.removeAll { $0.hasPrefix(name) }
            if before - lines.count != finalAnswers { return nil }
        }
        return lines.joined(separator: "\r\n")
    }

    static func finalAnswers(_ answers: [HTTP1Answer]) -> Int { answers.count { $0.isFinal } }
}

extension String {
    /// Its scalars as one byte each.
    var latin1: [UInt8] { unicodeScalars.map { UInt8($0.value) } }
}

extension HTTP1Answer {
    /// What the table's handler says to a head it does not want.
    static let refusedByHandler = Self(statusLine: "404 Not Found", body: "refused")

    /// The same with another field.
    func with(_ field: String) -> Self {
        var answer = self
        answer.fields.append(field)
        return answer
    }
}
