import HTTPServer
import Testing

/// What a server can break in RFC 9112, and in RFC 9110 where it speaks of HTTP/1, one row for each.
enum HTTP1Table {
    /// All but the limits, which have their own configuration.
    static let usual: [HTTP1Case] =
        requestLines + targets + hosts + fields + lengths + codings + chunks + expectations + persistence + methods
        + upgrades
}

/// Every row goes through a whole connection, in one piece, in two pieces cut at each byte, and byte by byte.
@Suite("The table of HTTP/1")
struct HTTP1TableTests {
    @Test("gives each request its answer, wherever it is cut", arguments: HTTP1Table.usual)
    func answers(_ row: HTTP1Case) throws { try check(row, ServerConfiguration()) }

    @Test("keeps to the limits, wherever a request is cut", arguments: HTTP1Table.limits)
    func limits(_ row: HTTP1Case) throws {
        var configuration = ServerConfiguration()
        configuration.maxHeadBytes = 100
        configuration.maxTargetBytes = 10
        configuration.maxFields = 3
        configuration.maxBodyBytes = 20
        try check(row, configuration)
    }

    @Test("has the rows it is meant to have, each once")
    func rows() {
        let rows = HTTP1Table.usual + HTTP1Table.limits
        #expect(rows.count >= 150)
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(Set(rows.map(\.bytes)).count == rows.count)
    }

    /// What follows each row on its connection.
    private static let follower = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n".latin1

    private func check(_ row: HTTP1Case, _ configuration: ServerConfiguration) throws {
        var answers = row.answers
        var bytes = row.bytes
        if row.fate != .waits { bytes += Self.follower }
        if row.fate == .livesOn { answers.append(.seen("GET /next")) }
        let expected = HTTP1Answer.text(answers, closes: row.fate == .closes)
        let cuts = [[], Array(bytes.indices)] + bytes.indices.dropFirst().map { [$0] }
        for cut in cuts {
            let (sent, isFinished) = answer(bytes, cut, configuration)
            let received = HTTP1Answer.comparable(sent, finalAnswers: HTTP1Answer.finalAnswers(answers))
            let place = cut.isEmpty ? "whole" : cut.count == 1 ? "cut at \(cut[0])" : "byte by byte"
            try #require(received == expected, "\(place): \(String(decoding: sent, as: UTF8.self))")
            try #require(isFinished == (row.fate == .closes), "\(place)")
        }
    }

    /// What a connection sends for these bytes, and whether that is the last.
    private func answer(_ bytes: [UInt8], _ cuts: [Int], _ configuration: ServerConfiguration) -> ([UInt8], Bool) {
        let conversation = WireConversation(configuration: configuration, handler: HTTP1TableHandler())
        var sent: [UInt8] = []
        var start = 0
        for end in cuts + [bytes.count] {
            sent += conversation.receive(Array(bytes[start..<end]))
            start = end
        }
        return (sent, conversation.isFinished)
    }
}

/// Answers with what it was given: `METHOD target [value of X] body`, each where there is one.
private struct HTTP1TableHandler: HTTPHandler {
    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        var seen = "\(request.method.rawValue) \(request.target.rawPath)"
        if let query = request.target.rawQuery { seen += "?\(query)" }
        for value in request.headers.values("x") { seen += " [\(value)]" }
        let body = unsafe request.body.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        if !body.isEmpty { seen += " \(body)" }
        var response = HTTPResponse(.ok, body: Array(seen.utf8))
        switch request.target.rawPath {
        case "/204": response.status = .noContent
        case "/304": response.status = 304
        case "/close": response.closesConnection = true
        case "/split": response.headers = [("X", "a\r\nB: c\0"), ("Bad Name", "x"), ("Content-Length", "1")]
        default: break
        }
        responder.respond(response)
    }

    func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        head.target.isPath("/refused") ? .refused(HTTPResponse(.notFound, body: Array("refused".utf8))) : .welcome
    }
}
