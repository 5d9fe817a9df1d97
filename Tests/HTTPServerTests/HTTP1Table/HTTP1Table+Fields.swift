import HTTPServer

/// Field lines, and how a body's length is told: sections 5, 6.2 and 6.3.
extension HTTP1Table {
    static let fields: [HTTP1Case] = [
        .init("5", "a field", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", .seen("GET / [y]")),
        .init(
            "5", "white space round a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \t y z \t\r\n\r\n", .seen("GET / [y z]")),
        .init("5", "no white space", "GET / HTTP/1.1\r\nHost:a\r\nX:y\r\n\r\n", .seen("GET / [y]")),
        .init("5", "an empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\nx: \r\n\r\n", .seen("GET / [] []")),
        .init("5", "a value with colons", "GET / HTTP/1.1\r\nHost: a\r\nX: y: z:\r\n\r\n", .seen("GET / [y: z:]")),
        .init("RFC 9110, 5.1", "a name in any case", "GET / HTTP/1.1\r\nhOST: a\r\nx: y\r\n\r\n", .seen("GET / [y]")),
        .init(
            "RFC 9110, 5.3", "a repeated field", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\n\r\n",
            .seen("GET / [1] [2]")),
        .init(
            "RFC 9110, 5.5", "bytes above ASCII in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{C3}\u{A9}\r\n\r\n",
            .seen("GET / [é]")),
        .init(
            "RFC 9110, 5.6.2", "every letter of a token in a name",
            "GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09Az: y\r\n\r\n", .seen("GET /")),
        .init("5.1", "a space before the colon", field: "X : y", .fieldLine),
        .init("5.1", "a tab before the colon", field: "X\t: y", .fieldLine),
        .init("5.1", "a space before the colon of Content-Length", field: "Content-Length : 5", .fieldLine),
        .init("5.1", "a space before the colon of Transfer-Encoding", field: "Transfer-Encoding : chunked", .fieldLine),
        .init("5.1", "a space in a name", field: "X Y: z", .fieldLine),
        .init("5.1", "no colon", field: "X", .fieldLine),
        .init("5.1", "no name", field: ": y", .fieldLine),
        .init("5.1", "a name in brackets", field: "X[]: y", .fieldLine),
        .init("5.1", "a name in quotes", field: "\"X\": y", .fieldLine),
        .init("5.1", "a NUL in a name", field: "X\0: y", .fieldLine),
        .init("5.1", "a NUL before a name", field: "\0X: y", .fieldLine),
        .init("5.1", "a control byte in a name", field: "X\u{1F}: y", .fieldLine),
        .init("5.1", "a byte above ASCII in a name", field: "X\u{E9}: y", .fieldLine),
        .init("5.1", "a carriage return in a name", field: "X\r: y", .fieldLine),
        .init("5.2", "a continuation line", field: "X: y\r\n z", .foldedLine),
        .init("5.2", "a continuation line of a tab", field: "X: y\r\n\tz", .foldedLine),
        .init("5.2", "a length in a continuation line", field: "X: y\r\n Content-Length: 5", .foldedLine),
        .init("5.2", "a continued coding", field: "Transfer-Encoding:\r\n chunked", .foldedLine),
        .init("RFC 9110, 5.5", "a NUL in a value", field: "X: y\0z", .fieldValue),
        .init("RFC 9110, 5.5", "a control byte in a value", field: "X: y\u{B}z", .fieldValue),
        .init("RFC 9110, 5.5", "a delete in a value", field: "X: y\u{7F}", .fieldValue),
        .init("RFC 9110, 5.5", "a carriage return in a value", field: "X: y\rContent-Length: 5", .lineEnding),
        .init("RFC 9110, 5.5", "a carriage return before the line's end", field: "X: y\r", .lineEnding),
        .init("RFC 9110, 5.5", "a line feed in a value", field: "X: y\nContent-Length: 5", .lineEnding),
        .init("5.1", "a request line for a field", "GET / HTTP/1.1\r\nHost: a\r\nGET /2 HTTP/1.1\r\n\r\n", .fieldLine),
        .init(
            "RFC 9110, 5.5", "an answer's field that would break its head", "GET /split HTTP/1.1\r\nHost: a\r\n\r\n",
            .seen("GET /split").with("X: a  B: c ")),
    ]

    static let lengths: [HTTP1Case] = [
        .init("6.3", "no length is no body", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", .seen("POST /")),
        .init("6.2", "a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", .seen("POST / hello")),
        .init("6.2", "an empty body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", .seen("POST /")),
        .init(
            "6.2", "zeros before a length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello",
            .seen("POST / hello")),
        .init(
            "6.2", "white space round a length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \t5 \r\n\r\nhello",
            .seen("POST / hello")),
        .init(
            "6.3", "a body of HTTP/1.0", "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
            .seen("POST / hello").keptAlive()),
        .init(
            "6.3", "a body that looks like a request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 14\r\n\r\nGET / HTTP/1.1", .seen("POST / GET / HTTP/1.1")),
        .init(
            "RFC 9110, 9.3.1", "a body of GET is read past",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", .seen("GET / hello")),
        .init(
            "RFC 9110, 9.3.5", "a body of DELETE is read past",
            "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", .seen("DELETE / hi")),
        .init(
            "5", "an underscore is no hyphen", "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n",
            .seen("POST /")),
        .init(
            "8", "a body that is not whole", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", then: .waits
        ),
        .init("6.3", "a length with a sign", field: "Content-Length: +5", .contentLength),
        .init("6.3", "a negative length", field: "Content-Length: -5", .contentLength),
        .init("6.3", "a negative zero", field: "Content-Length: -0", .contentLength),
        .init("6.3", "a length in hexadecimal", field: "Content-Length: 0x5", .contentLength),
        .init("6.3", "a length with a fraction", field: "Content-Length: 5.0", .contentLength),
        .init("6.3", "a length with an exponent", field: "Content-Length: 5e0", .contentLength),
        .init("6.3", "a length with an underscore", field: "Content-Length: 1_0", .contentLength),
        .init("6.3", "a length in quotes", field: "Content-Length: \"5\"", .contentLength),
        .init("6.3", "two numbers in a length", field: "Content-Length: 5 5", .contentLength),
        .init("6.3", "a letter behind a length", field: "Content-Length: 5a", .contentLength),
        .init("6.3", "an empty length", field: "Content-Length:", .contentLength),
        .init("6.3", "a NUL behind a length", field: "Content-Length: 5\0", .fieldValue),
        .init("6.3", "a vertical tab before a length", field: "Content-Length: \u{B}5", .fieldValue),
        .init("6.3", "a digit of another script", field: "Content-Length: \u{D9}\u{A5}", .contentLength),
        .init("6.3", "a list of equal lengths", field: "Content-Length: 5, 5", .contentLength),
        .init("6.3", "a list of lengths", field: "Content-Length: 5,6", .contentLength),
        .init("6.3", "a comma behind a length", field: "Content-Length: 5,", .contentLength),
        .init("6.3", "equal lengths", field: "Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
        .init(
            "6.3", "differing lengths", field: "Content-Length: 5\r\nX: y\r\ncontent-length: 6", .repeatedContentLength),
        .init(
            "6.3", "a length of zero and another", field: "Content-Length: 0\r\nContent-Length: 44",
            .repeatedContentLength),
        .init(
            "6.2", "a length beyond the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n", 413,
            .bodyTooLarge(limit: 64 << 20, announced: 67_108_865)),
        .init(
            "RFC 9110, 8.6", "a length of 2^64",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 413,
            .bodyTooLarge(limit: 64 << 20, announced: .max)),
        .init(
            "RFC 9110, 8.6", "a length of 2^64 + 5",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551621\r\n\r\nhello", 413,
            .bodyTooLarge(limit: 64 << 20, announced: .max)),
        .init(
            "RFC 9110, 8.6", "a length of 2^32 + 5",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4294967301\r\n\r\nhello", 413,
            .bodyTooLarge(limit: 64 << 20, announced: 4_294_967_301)),
    ]
}
