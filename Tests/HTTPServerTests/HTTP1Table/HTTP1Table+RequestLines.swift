import HTTPServer

/// Line ends, the method and the version: sections 2.2, 2.3 and 3.
extension HTTP1Table {
    static let requestLines: [HTTP1Case] = [
        .init("3", "the smallest request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET /")),
        .init("2.2", "an empty line before a request", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .seen("GET /")),
        .init(
            "2.2", "an empty line between requests",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
            .seen("POST / x"), .seen("GET /2")),
        .init("2.2", "two empty lines before a request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.2", "a bare line feed before a request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a bare carriage return before a request", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a bare line feed behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a bare line feed behind a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", .lineEnding),
        .init("2.2", "a bare line feed for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", .lineEnding),
        .init("2.2", "bare line feeds throughout", "GET / HTTP/1.1\nHost: a\n\n", .lineEnding),
        .init("2.2", "a bare carriage return behind the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "two carriage returns before a line feed", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a carriage return in the method", "GE\rT / HTTP/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a carriage return in the target", "GET /\ra HTTP/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init("2.2", "a carriage return in the version", "GET / HTTP\r/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init(
            "2.2", "white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n", .foldedLine),
        .init("2.2", "a tab before the first field", "GET / HTTP/1.1\r\n\tX: y\r\nHost: a\r\n\r\n", .foldedLine),
        .init("2.2", "white space for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", .foldedLine),
        .init("2.2", "a TLS greeting", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400, .unexpectedTLS),
        .init("2.2", "an HTTP/1 response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .requestLine),

        .init("3", "nothing but a method", "GET\r\n\r\n", .requestLine),
        .init("3", "no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "two spaces behind the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a word behind the version", "GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a tab behind the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a tab before the version", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a vertical tab for a space", "GET\u{B}/ HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a form feed for a space", "GET /\u{C}HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3", "a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init(
            "3", "a request hidden behind a target", "GET / HTTP/1.1 GET /admin HTTP/1.1\r\nHost: a\r\n\r\n",
            .requestLine),

        .init("3.1", "a method that is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3.1", "a NUL in the method", "GE\0T / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("3.1", "a byte above ASCII in the method", "G\u{C9}T / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init(
            "3.1", "a method in lower case is another", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501,
            .unknownMethod("get")),
        .init(
            "RFC 9110, 9.1", "a method that is not known", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501,
            .unknownMethod("BREW")),
        .init(
            "3", "a method longer than any", "\(String(repeating: "A", count: 60)) / HTTP/1.1\r\nHost: a\r\n\r\n", 501,
            .unknownMethod(String(repeating: "A", count: 32))),
        .init(
            "3.1", "a method with a known one in front", "GETS / HTTP/1.1\r\nHost: a\r\n\r\n", 501,
            .unknownMethod("GETS")),

        .init("2.3", "a later minor version is 1.1", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", .seen("GET /")),
        .init("2.3", "the last minor version", "GET / HTTP/1.9\r\nHost: a\r\n\r\n", .seen("GET /")),
        .init("2.3", "HTTP/0.9", "GET /\r\n\r\n", .requestLine),
        .init(
            "RFC 9110, 15.6.6", "HTTP/0.9, spelled out", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505,
            .unsupportedVersion("HTTP/0.9")),
        .init(
            "RFC 9110, 15.6.6", "HTTP/2.0 in a request line", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505,
            .unsupportedVersion("HTTP/2.0")),
        .init(
            "RFC 9110, 15.6.6", "HTTP/2's preface, gone wrong", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 505,
            .unsupportedVersion("HTTP/2.0")),
        .init(
            "RFC 9110, 15.6.6", "a version without an end", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505,
            .unsupportedVersion("HTTP/9.9")),
        .init("2.3", "a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "a version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "a version with a leading zero", "GET / HTTP/01.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "a version of one digit", "GET / HTTP/1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "a version with a comma", "GET / HTTP/1,1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "a version with a space", "GET / HTTP/ 1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "another protocol", "GET / HTCPCP/1.0\r\nHost: a\r\n\r\n", .requestLine),
        .init("2.3", "no digits", "GET / HTTP/x.y\r\nHost: a\r\n\r\n", .requestLine),
    ]
}
