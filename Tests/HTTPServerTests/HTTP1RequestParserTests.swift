import HTTPServer
import Testing

/// One row of a table: what it shows, the bytes, and what they are.
struct ParserCase: Sendable, CustomTestStringConvertible {
    let comment: String
    let bytes: [UInt8]
    let expected: [Parsed]

    init(_ comment: String, _ text: String, _ expected: [Parsed]) {
        self.comment = comment
        bytes = Array(text.utf8)
        self.expected = expected
    }

    /// A stream that fails at its first request.
    init(_ comment: String, _ text: String, fails error: HTTPError) {
        self.init(comment, text, [.failed(error)])
    }

    /// A GET request of this field line besides `Host`, refused as malformed.
    init(_ comment: String, field: String, _ reason: MalformedRequest) {
        self.init(comment, "GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n", fails: .malformed(reason))
    }

    /// A POST request with this chunked body, refused as malformed after its head (and `before`).
    init(_ comment: String, chunks: String, _ error: HTTPError, before: [Parsed] = []) {
        self.init(
            comment, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)",
            [.head(.post, "/", nil)] + before + [.failed(error)])
    }

    var testDescription: String { comment }
}

@Suite("The HTTP/1 request parser")
struct HTTP1RequestParserTests {
    static let get: [Parsed] = [.head(.get, "/", nil), .end]

    static let wellFormed: [ParserCase] = [
        .init("the smallest request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", get),
        .init("HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", get),
        .init("a later minor version is 1.1", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", get),
        .init("one empty line before a request is ignored", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", get),
        .init(
            "path and query", "GET /a/b%20c?x=1&y=?/ HTTP/1.1\r\nHost: a\r\n\r\n",
            [.head(.get, "/a/b%20c", "x=1&y=?/"), .end]),
        .init("an empty query", "GET /? HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.get, "/", ""), .end]),
        .init("the asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.options, "*", nil), .end]),
        .init("absolute form", "GET http://b:80/p?q HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.get, "/p", "q"), .end]),
        .init("absolute form without a path", "GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", get),
        .init(
            "absolute form, query only", "GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.get, "/", "q"), .end]),
        .init(
            "absolute form of OPTIONS without a path is the asterisk",
            "OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.options, "*", nil), .end]),
        .init("white space round a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\nX:\r\nY:b\r\n\r\n", get),
        .init("bytes above ASCII in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n", get),
        .init("an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", get),
        .init("a host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", get),
        .init(
            "every method",
            HTTPMethod.allCases.map { "\($0.rawValue) / HTTP/1.1\r\nHost: a\r\n\r\n" }.joined(),
            HTTPMethod.allCases.flatMap { [.head($0, "/", nil), .end] }),
        .init(
            "a body of known length, and the next request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            [.head(.post, "/", nil), .body(Array("hello".utf8)), .end] + get),
        .init(
            "an empty body", "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n", [.head(.post, "/", nil), .end]),
        .init("no length is no body", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", [.head(.post, "/", nil), .end]),
        .init(
            "a chunked body with extensions and trailers, and the next request",
            "PUT /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5\r\nhello\r\n00A;a=b;c;d=\"x\\\"; y\"\r\n, world!!!\r\n0;z\r\nX: y\r\nZ:\r\n\r\nGET / HTTP/1.0\r\n\r\n",
            [.head(.put, "/m", nil), .body(Array("hello, world!!!".utf8)), .end] + get),
        .init(
            "an empty chunked body", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [.head(.put, "/", nil), .end]),
    ]

    static let malformed: [ParserCase] = [
        // Lines.
        .init("a bare line feed", "GET / HTTP/1.1\nHost: a\r\n\r\n", fails: .malformed(.lineEnding)),
        .init("a bare line feed in the fields", "GET / HTTP/1.1\r\nHost: a\n\r\n", fails: .malformed(.lineEnding)),
        .init("a bare line feed at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", fails: .malformed(.lineEnding)),
        .init("a bare carriage return", "GET / HTTP/1.1\rHost: a\r\n\r\n", fails: .malformed(.lineEnding)),
        .init("a carriage return in a target", "GET /\r HTTP/1.1\r\n\r\n", fails: .malformed(.lineEnding)),
        .init("a carriage return in a value", field: "X: a\rb", .lineEnding),
        .init("a line feed first", "\nGET / HTTP/1.1\r\n\r\n", fails: .malformed(.lineEnding)),
        .init("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        // The request line.
        .init("HTTP/0.9", "GET /\r\n\r\n", fails: .malformed(.requestLine)),
        .init("no target", "GET  HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("two spaces", "GET  / HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("two spaces before the version", "GET /  HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a space behind the version", "GET / HTTP/1.1 \r\n\r\n", fails: .malformed(.requestLine)),
        .init("a tab for a space", "GET\t/ HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a space first", " GET / HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a method that is no token", "GE(T / HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a TLS greeting", "\u{16}\u{3}\u{1}", fails: .malformed(.requestLine)),
        .init("a version in lower case", "GET / http/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a version with more digits", "GET / HTTP/1.10\r\n\r\n", fails: .malformed(.requestLine)),
        .init("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", fails: .unsupportedVersion("HTTP/2.0")),
        .init("HTTP/0.9 spelled out", "GET / HTTP/0.9\r\n\r\n", fails: .unsupportedVersion("HTTP/0.9")),
        .init("an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", fails: .unknownMethod("BREW")),
        .init("a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", fails: .unknownMethod("get")),
        .init("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", fails: .unknownMethod("CONNECT")),
        // The target.
        .init("a relative path", "GET a HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("the asterisk without OPTIONS", "GET * HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("another scheme", "GET ftp://a/ HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("no authority", "GET http:///a HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("a user in the authority", "GET http://u@a/ HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("a fragment", "GET /a#b HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("a backslash", "GET /a\\b HTTP/1.1\r\n\r\n", fails: .malformed(.target)),
        .init("a control byte in the target", "GET /\u{1} HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a NUL in the target", "GET /\0 HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a byte above ASCII in the target", "GET /é HTTP/1.1\r\n\r\n", fails: .malformed(.requestLine)),
        .init("a percent sign alone", "GET /% HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        .init("half an escape", "GET /%4 HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        .init("an escape of other letters", "GET /%4g HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        .init("an escaped NUL", "GET /%00 HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        .init("an escaped NUL in the query", "GET /?a=%00 HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        .init("escapes that are no UTF-8", "GET /%ff HTTP/1.1\r\n\r\n", fails: .malformed(.percentEncoding)),
        // Fields.
        .init("a space before the colon", field: "X : a", .fieldLine),
        .init("no colon", field: "X", .fieldLine),
        .init("no name", field: ": a", .fieldLine),
        .init("a name that is no token", field: "X[]: a", .fieldLine),
        .init("a NUL in a name", field: "X\0: a", .fieldLine),
        .init("a continuation line", field: "X: a\r\n b", .foldedLine),
        .init(
            "white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", fails: .malformed(.foldedLine)),
        .init("a NUL in a value", field: "X: a\0b", .fieldValue),
        .init("a control byte in a value", field: "X: a\u{7f}b", .fieldValue),
        // The host.
        .init("no Host", "GET / HTTP/1.1\r\n\r\n", fails: .malformed(.missingHost)),
        .init("two Hosts", field: "host: a", .repeatedHost),
        .init("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a Host with a wrong port", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a port that is too large", "GET / HTTP/1.0\r\nHost: a:65536\r\n\r\n", fails: .malformed(.invalidHost)),
        .init("a bracket left open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", fails: .malformed(.invalidHost)),
        // Lengths.
        .init("a Content-Length with a sign", field: "Content-Length: +5", .contentLength),
        .init("a negative Content-Length", field: "Content-Length: -5", .contentLength),
        .init("a Content-Length in hexadecimal", field: "Content-Length: 0x5", .contentLength),
        .init("an empty Content-Length", field: "Content-Length:", .contentLength),
        .init("a list of lengths", field: "Content-Length: 5, 5", .contentLength),
        .init("a repeated length", field: "Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
        .init("differing lengths", field: "Content-Length: 5\r\ncontent-length: 6", .repeatedContentLength),
        .init("both lengths", field: "Content-Length: 5\r\nTransfer-Encoding: chunked", .contradictingLengths),
        .init(
            "both lengths, the other way round", field: "Transfer-Encoding: chunked\r\nContent-Length: 5",
            .contradictingLengths),
        .init("a coding that does not end in chunked", field: "Transfer-Encoding: gzip", .transferEncoding),
        .init("chunked in the middle", field: "Transfer-Encoding: chunked, gzip", .transferEncoding),
        .init("chunked twice", field: "Transfer-Encoding: chunked, chunked", .transferEncoding),
        .init(
            "chunked twice in two fields", field: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .transferEncoding),
        .init("an empty coding", field: "Transfer-Encoding:", .transferEncoding),
        .init("an empty item before chunked", field: "Transfer-Encoding: , chunked", .transferEncoding),
        .init("chunked with a parameter", field: "Transfer-Encoding: chunked;q=1", .transferEncoding),
        .init("chunked in quotes", field: "Transfer-Encoding: \"chunked\"", .transferEncoding),
        .init(
            "a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            fails: .malformed(.transferEncoding)),
        .init(
            "a coding that is not known", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            fails: .unsupportedTransferCoding("gzip")),
        .init(
            "another expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n",
            fails: .expectationFailed("200-ok")),
        // Chunks.
        .init("no size", chunks: "\r\n", .malformed(.chunk)),
        .init("a size in other letters", chunks: "g\r\n", .malformed(.chunk)),
        .init("a size with a sign", chunks: "-1\r\n", .malformed(.chunk)),
        .init("a size with a prefix", chunks: "0x5\r\nhello\r\n", .malformed(.chunk)),
        .init("a space behind the size", chunks: "5 \r\nhello\r\n", .malformed(.chunk)),
        .init("a space behind the extension", chunks: "5;a \r\nhello\r\n", .malformed(.chunk)),
        .init("an extension without a name", chunks: "5;\r\nhello\r\n", .malformed(.chunk)),
        .init("an extension without a value", chunks: "5;a=\r\nhello\r\n", .malformed(.chunk)),
        .init("an extension left open", chunks: "5;a=\"b\r\nhello\r\n", .malformed(.chunk)),
        .init("a carriage return in an extension", chunks: "5;a\rb\r\nhello\r\n", .malformed(.chunk)),
        .init("a bare line feed behind the size", chunks: "5\nhello\r\n", .malformed(.lineEnding)),
        .init(
            "a chunk longer than its size", chunks: "4\r\nhello\r\n", .malformed(.chunk),
            before: [.body(Array("hell".utf8))]),
        .init(
            "a chunk that ends in a line feed", chunks: "5\r\nhello\n", .malformed(.chunk),
            before: [.body(Array("hello".utf8))]),
        .init(
            "a size beyond every integer", chunks: "fffffffffffffffff\r\n",
            .bodyTooLarge(limit: 64 << 20, announced: nil)),
        .init("a size beyond the limit", chunks: "4000001\r\n", .bodyTooLarge(limit: 64 << 20, announced: nil)),
        .init("a malformed trailer", chunks: "0\r\nX : y\r\n\r\n", .malformed(.fieldLine)),
        .init("a bare line feed in the trailers", chunks: "0\r\nX: y\n\r\n", .malformed(.lineEnding)),
        .init(
            "a length beyond the limit",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n",
            [.head(.post, "/", nil), .failed(.bodyTooLarge(limit: 64 << 20, announced: 67_108_865))]),
        .init(
            "a length beyond every integer",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            [.head(.post, "/", nil), .failed(.bodyTooLarge(limit: 64 << 20, announced: .max))]),
    ]

    @Test("reads what is well-formed, wherever it is cut", arguments: wellFormed)
    func readsWellFormed(_ row: ParserCase) { check(row) }

    @Test("refuses what is malformed, wherever it is cut", arguments: malformed)
    func refusesMalformed(_ row: ParserCase) { check(row) }

    private func check(_ row: ParserCase) {
        #expect(ParserDriver.parse(row.bytes) == row.expected, "whole")
        for cut in row.bytes.indices where ParserDriver.parse(row.bytes, cuts: [cut]) != row.expected {
            Issue.record("cut at \(cut): \(ParserDriver.parse(row.bytes, cuts: [cut]))")
        }
        #expect(ParserDriver.parse(row.bytes, cuts: row.bytes.indices) == row.expected, "byte by byte")
    }

    @Test("waits for the rest of every well-formed request", arguments: wellFormed)
    func waitsForTheRest(_ row: ParserCase) {
        for end in row.bytes.indices {
            let parsed = ParserDriver.parse(Array(row.bytes[..<end]))
            #expect(!parsed.contains { if case .failed = $0 { true } else { false } }, "cut off at \(end)")
            // A body may be there in part; everything before it is the same.
            #expect(parsed.dropLast().elementsEqual(row.expected.prefix(max(0, parsed.count - 1))), "cut off at \(end)")
        }
    }

    @Test("a failure is final")
    func failureIsFinal() {
        var driver = ParserDriver()
        driver.feed(Array("GET\r\n".utf8))
        driver.feed(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(driver.parsed == [.failed(.malformed(.requestLine))])
    }

    // MARK: Limits: the largest that fits, and one more.

    private static let small = HTTP1RequestParser.Limits(
        maxHeadBytes: 100, maxTargetBytes: 10, maxFields: 3, maxBodyBytes: 20)

    private func limited(_ text: String) -> [Parsed] {
        let bytes = Array(text.utf8)
        let whole = ParserDriver.parse(bytes, limits: Self.small)
        #expect(ParserDriver.parse(bytes, cuts: bytes.indices, limits: Self.small) == whole)
        for cut in bytes.indices {
            #expect(ParserDriver.parse(bytes, cuts: [cut], limits: Self.small) == whole, "cut at \(cut)")
        }
        return whole
    }

    @Test("the head's size is limited")
    func headLimit() {
        let rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
        let fill = String(repeating: "x", count: 100 - rest.utf8.count)
        #expect(limited("GET / HTTP/1.1\r\nHost: a\r\nX: \(fill)\r\n\r\n") == Self.get)
        #expect(limited("GET / HTTP/1.1\r\nHost: a\r\nX: \(fill)x\r\n\r\n") == [.failed(.headTooLarge(limit: 100))])
        #expect(limited("GET / HTTP/1.1\r\nX: \(fill)\(fill)\(fill)") == [.failed(.headTooLarge(limit: 100))])
    }

    @Test("the target's size is limited")
    func targetLimit() {
        #expect(limited("GET /234567890 HTTP/1.0\r\n\r\n") == [.head(.get, "/234567890", nil), .end])
        #expect(limited("GET /234567890a HTTP/1.0\r\n\r\n") == [.failed(.targetTooLong(limit: 10))])
        #expect(limited("GET /" + String(repeating: "a", count: 90)) == [.failed(.targetTooLong(limit: 10))])
    }

    @Test("the number of fields is limited")
    func fieldLimit() {
        #expect(limited("GET / HTTP/1.0\r\na:\r\nb:\r\nc:\r\n\r\n") == Self.get)
        #expect(limited("GET / HTTP/1.0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n") == [.failed(.tooManyFields(limit: 3))])
    }

    @Test("the body's size is limited, however it is delimited")
    func bodyLimit() {
        let body = String(repeating: "b", count: 20)
        let head = Parsed.head(.put, "/", nil)
        #expect(
            limited("PUT / HTTP/1.0\r\nContent-Length: 20\r\n\r\n\(body)") == [head, .body(Array(body.utf8)), .end])
        #expect(
            limited("PUT / HTTP/1.0\r\nContent-Length: 21\r\n\r\n\(body)b")
                == [head, .failed(.bodyTooLarge(limit: 20, announced: 21))])
        let chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\na\r\n\(body.prefix(10))\r\n"
        #expect(limited("\(chunked)a\r\n\(body.prefix(10))\r\n0\r\n\r\n") == [head, .body(Array(body.utf8)), .end])
        #expect(
            limited("\(chunked)b\r\n\(body.prefix(11))\r\n")
                == [head, .body(Array(body.utf8.prefix(10))), .failed(.bodyTooLarge(limit: 20, announced: nil))])
    }

    @Test("trailers and chunk extensions are limited")
    func trailerLimit() {
        let head = Parsed.head(.put, "/", nil)
        let start = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let fill = String(repeating: "x", count: 93)
        #expect(limited("\(start)0\r\nX: \(fill)\r\n\r\n") == [head, .end])
        #expect(limited("\(start)0\r\nX: \(fill)xxx\r\n\r\n") == [head, .failed(.headTooLarge(limit: 100))])
        #expect(limited("\(start)0\r\na:\r\nb:\r\nc:\r\n\r\n") == [head, .end])
        #expect(limited("\(start)0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n") == [head, .failed(.tooManyFields(limit: 3))])
        let pieces = String(repeating: "1;\(String(repeating: "e", count: 30))\r\nb\r\n", count: 4)
        #expect(limited(start + pieces) == [head, .body([0x62, 0x62, 0x62]), .failed(.malformed(.chunkExtensions))])
        #expect(
            limited("\(start)1;\(String(repeating: "e", count: 1100))") == [
                head, .failed(.malformed(.chunkExtensions)),
            ])
    }

    // MARK: What a head says

    @Test("a head tells how its body is delimited, whether to go on and whether the connection lives on")
    func headFacts() throws {
        var driver = ParserDriver()
        driver.feed(
            Array(
                """
                POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nEXPECT: 100-Continue\r\n\r\nabc\
                GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n\
                GET / HTTP/1.0\r\n\r\n\
                GET / HTTP/1.0\r\nConnection: Keep-Alive\r\nExpect: 100-continue\r\n\r\n\
                PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n
                """.utf8))
        let heads = driver.heads
        try #require(heads.count == 5)
        #expect(heads.map(\.framing) == [.length(3), .none, .none, .none, .chunked])
        #expect(heads.map(\.expectsContinue) == [true, false, false, false, false])
        #expect(heads.map(\.keepsAlive) == [true, false, false, true, true])
        #expect(heads.map(\.version) == [.http11, .http11, .http10, .http10, .http11])
        #expect(heads.map(\.announcesBody) == [true, false, false, false, true])
    }

    @Test("bytes of a body may be read past the parser")
    func skipsBody() {
        var driver = ParserDriver()
        driver.feed(Array("PUT / HTTP/1.0\r\nContent-Length: 10\r\n\r\nabc".utf8))
        #expect(driver.parser.remainingLength == 7)
        driver.parser.skipBody(7)
        #expect(driver.parser.remainingLength == 0)
        driver.feed([])
        #expect(driver.parsed == [.head(.put, "/", nil), .body(Array("abc".utf8)), .end])
        #expect(!driver.parser.isInsideRequest)
    }
}
