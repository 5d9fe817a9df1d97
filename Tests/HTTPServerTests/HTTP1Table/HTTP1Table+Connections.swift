import HTTPServer

/// What decides whether a connection lives on, and what answers may hold: section 9, and RFC 9110.
extension HTTP1Table {
    static let expectations: [HTTP1Case] = [
        .init(
            "RFC 9110, 10.1.1", "an expectation",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", .proceed,
            .seen("POST / hi")),
        .init(
            "RFC 9110, 10.1.1", "an expectation in capitals",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            .proceed, .seen("POST / x")),
        .init(
            "RFC 9110, 10.1.1", "an expectation twice in a list",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, 100-continue\r\nContent-Length: 2\r\n\r\nhi", .proceed,
            .seen("POST / hi")),
        .init(
            "RFC 9110, 10.1.1", "no expectation in the field",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect:\r\nContent-Length: 2\r\n\r\nhi", .seen("POST / hi")),
        .init(
            "RFC 9110, 10.1.1", "an expectation without a body",
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 9110, 10.1.1", "an expectation of an empty body",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", .seen("POST /")),
        .init(
            "RFC 9110, 10.1.1", "an expectation in HTTP/1.0 is ignored",
            "POST / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
            .seen("POST / hi").keptAlive()),
        .init(
            "RFC 9110, 10.1.1", "another expectation in HTTP/1.0 is ignored",
            "POST / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 200-ok\r\nContent-Length: 2\r\n\r\nhi",
            .seen("POST / hi").keptAlive()),
        .init(
            "RFC 9110, 10.1.1", "an expectation is not answered twice",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
            .proceed, .seen("POST / hi")),
        .init(
            "RFC 9110, 10.1.1", "another expectation",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 2\r\n\r\nhi", 417,
            .expectationFailed("200-ok")),
        .init(
            "RFC 9110, 10.1.1", "another expectation beside",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\nContent-Length: 2\r\n\r\nhi", 417,
            .expectationFailed("x")),
        .init(
            "RFC 9110, 10.1.1", "an expectation of a body too large",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 67108865\r\n\r\n", 413,
            .bodyTooLarge(limit: 64 << 20, announced: 67_108_865)),
        .init(
            "RFC 9110, 10.1.1", "an expectation that is refused",
            "POST /refused HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", .refusedByHandler,
            then: .closes),
        .init(
            "9.3", "a small body that is refused is read past",
            "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", .refusedByHandler),
        .init(
            "9.3", "a large body that is refused ends the connection",
            "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n", .refusedByHandler, then: .closes),
        .init(
            "9.3", "a chunked body that is refused ends the connection",
            "POST /refused HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .refusedByHandler, then: .closes),
    ]

    static let persistence: [HTTP1Case] = [
        .init("9.3", "HTTP/1.1 lives on", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\n\r\n", .seen("GET /")),
        .init(
            "9.3", "keep-alive says nothing new in HTTP/1.1",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n", .seen("GET /")),
        .init("9.6", "close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", .seen("GET /"), then: .closes),
        .init(
            "9.6", "close in capitals", "GET / HTTP/1.1\r\nHost: a\r\nconnection: CLOSE\r\n\r\n", .seen("GET /"),
            then: .closes),
        .init(
            "9.6", "close in a list", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x ,\tClose\r\n\r\n", .seen("GET /"),
            then: .closes),
        .init(
            "9.6", "close behind empty items", "GET / HTTP/1.1\r\nHost: a\r\nConnection: ,, close,\r\n\r\n",
            .seen("GET /"), then: .closes),
        .init(
            "9.6", "close in the second field",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n", .seen("GET /"), then: .closes),
        .init(
            "9.3", "close outweighs keep-alive", "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
            .seen("GET /"), then: .closes),
        .init(
            "9.6", "what only begins like close",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed, \"close\", clos\r\n\r\n", .seen("GET /")),
        .init(
            "9.6", "close with a body",
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", .seen("POST / hi"),
            then: .closes),
        .init(
            "9.6", "an answer that closes", "GET /close HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET /close"), then: .closes
        ),
        .init("9.3", "HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", .seen("GET /"), then: .closes),
        .init(
            "9.3", "HTTP/1.0 that asks for more", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            .seen("GET /").keptAlive()),
        .init(
            "9.3", "HTTP/1.0 that asks for both",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", .seen("GET /"), then: .closes),
        .init(
            "C.2.2", "Keep-Alive is not Connection", "GET / HTTP/1.0\r\nKeep-Alive: timeout=5\r\n\r\n", .seen("GET /"),
            then: .closes),
        .init(
            "9.3.2", "pipelined requests in order",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxHEAD /3 HTTP/1.1\r\nHost: a\r\n\r\n",
            .seen("GET /1"), .seen("POST /2 x"), .seen("HEAD /3").withoutBody()),
        .init(
            "9.3.2", "a pipelined request behind close",
            "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
            .seen("GET /1"), then: .closes),
        .init(
            "9.3.2", "a pipelined request behind a bad one",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET /1"),
            .refused(400, .malformed(.requestLine)), then: .closes),
        .init(
            "9.3.2", "a second request that waits for its body",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
            .seen("GET /1"), then: .waits),
        .init("8", "half a head", "GET / HTTP/1.1\r\nHost: a\r\n", then: .waits),
        .init("8", "half a line end", "GET / HTTP/1.1\r\nHost: a\r\n\r", then: .waits),
        .init(
            "11.2", "a request in a body is not a request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 38\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
            .seen("POST / GET /admin HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")),
    ]

    static let methods: [HTTP1Case] = [
        .init("RFC 9110, 9.3.2", "HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", .seen("HEAD /").withoutBody()),
        .init(
            "RFC 9110, 9.3.2", "HEAD with a body", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            .seen("HEAD / hi").withoutBody()),
        .init(
            "RFC 9110, 9.3.2", "HEAD in HTTP/1.0", "HEAD / HTTP/1.0\r\n\r\n", .seen("HEAD /").withoutBody(),
            then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a HEAD that is refused by the handler",
            "HEAD /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", .refusedByHandler.withoutBody()),
        .init(
            "RFC 9110, 9.3.2", "a HEAD whose fields are wrong", "HEAD / HTTP/1.1\r\nX : y\r\n\r\n",
            .refused(400, .malformed(.fieldLine)).withoutBody(), then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a HEAD without Host", "HEAD / HTTP/1.1\r\n\r\n",
            .refused(400, .malformed(.missingHost)).withoutBody(), then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a HEAD whose target is wrong, behind an empty line",
            "\r\nHEAD a HTTP/1.1\r\nHost: a\r\n\r\n", .refused(400, .malformed(.target)).withoutBody(), then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a HEAD whose version is wrong", "HEAD / HTTP/3.0\r\nHost: a\r\n\r\n",
            .refused(505, .unsupportedVersion("HTTP/3.0")).withoutBody(), then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a HEAD whose chunks are wrong",
            "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            .refused(400, .malformed(.chunk)).withoutBody(), then: .closes),
        .init(
            "RFC 9110, 9.3.2", "a bad request behind a HEAD has its body",
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET a HTTP/1.1\r\nHost: a\r\n\r\n", .seen("HEAD /").withoutBody(),
            .refused(400, .malformed(.target)), then: .closes),
        .init("RFC 9110, 9.3.4", "PUT", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", .seen("PUT / x")),
        .init("RFC 5789", "PATCH", "PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", .seen("PATCH / x")),
        .init("RFC 9110, 9.3.7", "OPTIONS of a path", "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n", .seen("OPTIONS /a")),
        .init("RFC 9110, 9.3.8", "TRACE", "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n", .seen("TRACE /a")),
        .init(
            "RFC 9110, 9.3.6", "CONNECT", "CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\n", 501, .unknownMethod("CONNECT")),
        .init(
            "RFC 9110, 9.3.6", "CONNECT of a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", 501,
            .unknownMethod("CONNECT")),
        .init(
            "RFC 9110, 15.3.5", "204 has no body and no length", "GET /204 HTTP/1.1\r\nHost: a\r\n\r\n",
            .empty("204 No Content")),
        .init(
            "RFC 9110, 15.4.5", "304 has no body", "GET /304 HTTP/1.1\r\nHost: a\r\n\r\n", .empty("304 Not Modified")),
    ]

    static let upgrades: [HTTP1Case] = [
        .init(
            "RFC 9110, 7.8", "another protocol is not taken",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 9110, 7.8", "an upgrade in HTTP/1.0 is ignored",
            "GET / HTTP/1.0\r\nConnection: keep-alive, upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            .seen("GET /").keptAlive()),
        .init(
            "RFC 9110, 7.8", "an upgrade that Connection does not name",
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 7540, 3.2.1", "an upgrade without settings",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 7540, 3.2.1", "an upgrade with settings that are none",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n\r\n",
            .seen("GET /")),
        .init(
            "RFC 7540, 3.2.1", "an upgrade with padding in its settings' middle",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AA==AAMAAABk\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 7540, 3.2.1", "an upgrade with settings of other letters",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAAB+\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 7540, 3.2.1", "an upgrade with settings that end in half a byte",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkB\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 7540, 3.2", "an upgrade to HTTP/2 over TLS",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            .seen("GET /")),
    ]

    /// Within 100 bytes of a head, 10 of a target, 3 fields and 20 bytes of a body.
    static let limits: [HTTP1Case] = [
        .init(
            "3", "a target as long as allowed", "GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET /234567890")),
        .init("3", "a target too long", "GET /234567890a HTTP/1.1\r\nHost: a\r\n\r\n", 414, .targetTooLong(limit: 10)),
        .init(
            "3", "a target without an end", "GET /\(String(repeating: "a", count: 90))", 414, .targetTooLong(limit: 10)),
        .init(
            "RFC 9110, 9.3.2", "a target of HEAD without an end", "HEAD /\(String(repeating: "a", count: 90))",
            .refused(414, .targetTooLong(limit: 10)).withoutBody(), then: .closes),
        .init(
            "3", "an absolute target too long", "GET http://abc/ HTTP/1.1\r\nHost: a\r\n\r\n", 414,
            .targetTooLong(limit: 10)),
        .init(
            "5", "a head as long as allowed",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 68))\r\n\r\n",
            .seen("GET / [\(String(repeating: "x", count: 68))]")),
        .init(
            "RFC 6585, 5", "a head too long",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 69))\r\n\r\n", 431,
            .headTooLarge(limit: 100)),
        .init(
            "RFC 6585, 5", "a field without an end",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100))", 431, .headTooLarge(limit: 100)),
        .init("5", "as many fields as allowed", "GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc:\r\n\r\n", .seen("GET /")),
        .init(
            "RFC 6585, 5", "too many fields", "GET / HTTP/1.1\r\nHost: a\r\nb:\r\nc:\r\nd:\r\n\r\n", 431,
            .tooManyFields(limit: 3)),
        .init(
            "6.2", "a body as long as allowed",
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n12345678901234567890",
            .seen("PUT / 12345678901234567890")),
        .init(
            "RFC 9110, 15.5.14", "a body too long",
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n123456789012345678901", 413,
            .bodyTooLarge(limit: 20, announced: 21)),
        .init(
            "7.1", "chunks as long as allowed", chunks: "a\r\n1234567890\r\na\r\n1234567890\r\n0\r\n\r\n",
            .seen("POST / 12345678901234567890")),
        .init(
            "RFC 9110, 15.5.14", "a chunk too many",
            chunks: "a\r\n1234567890\r\na\r\n1234567890\r\n1\r\nx\r\n0\r\n\r\n",
            .refused(413, .bodyTooLarge(limit: 20, announced: nil)), then: .closes),
        .init("7.1.2", "as many trailers as allowed", chunks: "0\r\na:\r\nb:\r\nc:\r\n\r\n", .seen("POST /")),
        .init(
            "RFC 6585, 5", "too many trailers", chunks: "0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n",
            .refused(431, .tooManyFields(limit: 3)), then: .closes),
        .init(
            "RFC 6585, 5", "trailers too long", chunks: "0\r\nX: \(String(repeating: "x", count: 100))\r\n\r\n",
            .refused(431, .headTooLarge(limit: 100)), then: .closes),
        .init(
            "7.1.1", "extensions too long in all",
            chunks: String(repeating: "1;\(String(repeating: "e", count: 50))\r\nb\r\n", count: 2), .chunkExtensions),
    ]
}
