import HTTPServer

/// Transfer codings and chunks: sections 6.1 and 7.
extension HTTP1Table {
    private static func post(_ fields: String) -> String { "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n" }

    static let codings: [HTTP1Case] = [
        .init("6.1", "chunked", post("Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n", .seen("POST / hello")),
        .init("7", "chunked in capitals", post("transfer-encoding: \t CHUNKED ") + "0\r\n\r\n", .seen("POST /")),
        .init(
            "6.3", "a chunked body of GET",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", .seen("GET / x")),
        .init(
            "6.1", "a coding and a length", post("Transfer-Encoding: chunked\r\nContent-Length: 5") + "0\r\n\r\n",
            .contradictingLengths),
        .init(
            "6.1", "a length and a coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n",
            .contradictingLengths),
        .init(
            "6.1", "a length of zero and a coding",
            post("Content-Length: 0\r\nTransfer-Encoding: chunked") + "0\r\n\r\n", .contradictingLengths),
        .init(
            "6.1", "a coding that is wrong and a length",
            post("Transfer-Encoding: xchunked\r\nContent-Length: 5") + "hello", .contradictingLengths),
        .init(
            "6.1", "a length that is wrong and a coding",
            post("Content-Length: x\r\nTransfer-Encoding: chunked") + "0\r\n\r\n", .contentLength),
        .init(
            "6.1", "a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .transferEncoding),
        .init(
            "6.1", "a coding and a length in HTTP/1.0",
            "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            .contradictingLengths),
        .init(
            "6.1", "a coding that is not known, before chunked", post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n",
            501, .unsupportedTransferCoding("gzip")),
        .init(
            "6.1", "a coding that is not known, in a field before",
            post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked") + "0\r\n\r\n", 501,
            .unsupportedTransferCoding("x")),
        .init(
            "6.1", "identity before chunked", post("Transfer-Encoding: identity, chunked") + "0\r\n\r\n", 501,
            .unsupportedTransferCoding("identity")),
        .init("6.3", "identity alone", field: "Transfer-Encoding: identity", .transferEncoding),
        .init("6.3", "a coding other than chunked", field: "Transfer-Encoding: gzip", .transferEncoding),
        .init("6.3", "chunked before another", field: "Transfer-Encoding: chunked, identity", .transferEncoding),
        .init(
            "6.3", "chunked in a field before another", field: "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
            .transferEncoding),
        .init("6.1", "chunked twice", field: "Transfer-Encoding: chunked, chunked", .transferEncoding),
        .init(
            "6.1", "chunked in two fields", field: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .transferEncoding),
        .init("6.1", "an empty coding", field: "Transfer-Encoding:", .transferEncoding),
        .init("6.1", "an empty item before chunked", field: "Transfer-Encoding: , chunked", .transferEncoding),
        .init("6.1", "an empty item behind chunked", field: "Transfer-Encoding: chunked,", .transferEncoding),
        .init("7", "chunked with a parameter", field: "Transfer-Encoding: chunked;q=1", .transferEncoding),
        .init("6.1", "chunked in quotes", field: "Transfer-Encoding: \"chunked\"", .transferEncoding),
        .init("6.1", "chunked with letters in front", field: "Transfer-Encoding: xchunked", .transferEncoding),
        .init("6.1", "chunked with letters behind", field: "Transfer-Encoding: chunkedx", .transferEncoding),
        .init("6.1", "two words", field: "Transfer-Encoding: chunked chunked", .transferEncoding),
        .init("6.1", "chunked behind a vertical tab", field: "Transfer-Encoding: \u{B}chunked", .fieldValue),
        .init("6.1", "chunked before a NUL", field: "Transfer-Encoding: chunked\0", .fieldValue),
        .init(
            "6.1", "chunked behind a space that is none", field: "Transfer-Encoding: \u{A0}chunked", .transferEncoding),
        .init("6.1", "chunked behind a line feed", field: "Transfer-Encoding: \nchunked", .lineEnding),
        .init("5", "a coding with an underscore is another field", post("Transfer_Encoding: chunked"), .seen("POST /")),
        .init("RFC 9110, 10.1.4", "TE is about answers", post("TE: gzip, trailers\r\nConnection: TE"), .seen("POST /")),
    ]

    static let chunks: [HTTP1Case] = [
        .init("7.1", "an empty body", chunks: "0\r\n\r\n", .seen("POST /")),
        .init(
            "7.1", "several chunks", chunks: "5\r\nhello\r\nA\r\n, world!!!\r\n0\r\n\r\n",
            .seen("POST / hello, world!!!")),
        .init("7.1", "zeros before a size", chunks: "0005\r\nhello\r\n000\r\n\r\n", .seen("POST / hello")),
        .init(
            "7.1", "a size of 17 digits that are zeros", chunks: "00000000000000005\r\nhello\r\n0\r\n\r\n",
            .seen("POST / hello")),
        .init(
            "7.1", "sizes in both cases", chunks: "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            .seen("POST / 01234567890123456789")),
        .init(
            "7.1", "a chunk that looks like the end", chunks: "5\r\n0\r\n\r\n\r\n0\r\n\r\n", .seen("POST / 0\r\n\r\n")),
        .init(
            "7.1.1", "extensions", chunks: "5;a\r\nhello\r\n0;b=c;d=\"e;f\\\"\u{E9}\"\r\n\r\n", .seen("POST / hello")),
        .init(
            "RFC 9110, 5.6.3", "white space that the grammar calls bad",
            chunks: "5 ; a\t= \"b\" ;c\r\nhello\r\n0\r\n\r\n", .seen("POST / hello")),
        .init(
            "7.1.2", "trailers are read past", chunks: "5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n", .seen("POST / hello")),
        .init(
            "RFC 9110, 6.5.1", "a length in the trailers means nothing",
            chunks: "1\r\nx\r\n0\r\nContent-Length: 50\r\n\r\n", .seen("POST / x")),
        .init(
            "RFC 9110, 6.5.1", "a coding in the trailers means nothing",
            chunks: "1\r\nx\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", .seen("POST / x")),
        .init(
            "RFC 9110, 6.5.1", "a Host in the trailers means nothing", chunks: "1\r\nx\r\n0\r\nHost: b\r\n\r\n",
            .seen("POST / x")),
        .init(
            "RFC 9110, 6.5.1", "close in the trailers means nothing",
            chunks: "1\r\nx\r\n0\r\nConnection: close\r\n\r\n", .seen("POST / x")),
        .init("7.1", "no size", chunks: "\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a size in other letters", chunks: "g\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a size with a sign", chunks: "+5\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a negative size", chunks: "-5\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a size with a prefix", chunks: "0x5\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a size with an underscore", chunks: "0_5\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a space before the size", chunks: " 5\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a space behind the size", chunks: "5 \r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a tab behind the size", chunks: "5\t\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a word behind the size", chunks: "5 x\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a NUL behind the size", chunks: "5\0\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a carriage return behind the size", chunks: "5\r\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a bare line feed behind the size", chunks: "5\nhello\r\n0\r\n\r\n", .lineEnding),
        .init("7.1", "a bare line feed behind the last size", chunks: "0\n\r\n", .lineEnding),
        .init("7.1", "a bare carriage return behind the size", chunks: "5\rhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "an extension without a name", chunks: "5;\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "an extension without a value", chunks: "5;a=\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "an extension left open", chunks: "5;a=\"b\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "an extension with more behind its quotes", chunks: "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "white space behind an extension", chunks: "5;a=b \r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "a line feed in an extension", chunks: "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", .lineEnding),
        .init("7.1.1", "a carriage return in an extension", chunks: "5;a\rb\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1.1", "a NUL in an extension", chunks: "5;a=\"\0\"\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a chunk longer than its size", chunks: "4\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a chunk shorter than its size", chunks: "6\r\nhello\r\n0\r\n\r\n", .chunk),
        .init("7.1", "a chunk without a line end", chunks: "5\r\nhello0\r\n\r\n", .chunk),
        .init("7.1", "a chunk that ends in a line feed", chunks: "5\r\nhello\n0\r\n\r\n", .chunk),
        .init("7.1", "a chunk that ends in a carriage return", chunks: "5\r\nhello\r0\r\n\r\n", .chunk),
        .init(
            "7.1", "a size of 2^64 + 5", chunks: "10000000000000005\r\nhello\r\n0\r\n\r\n",
            .refused(413, .bodyTooLarge(limit: 64 << 20, announced: nil)), then: .closes),
        .init(
            "7.1", "a size of 2^63", chunks: "8000000000000000\r\nhello\r\n0\r\n\r\n",
            .refused(413, .bodyTooLarge(limit: 64 << 20, announced: nil)), then: .closes),
        .init(
            "7.1", "a size of 2^32 + 5", chunks: "100000005\r\nhello\r\n0\r\n\r\n",
            .refused(413, .bodyTooLarge(limit: 64 << 20, announced: nil)), then: .closes),
        .init("7.1.2", "a trailer with a space before its colon", chunks: "0\r\nX : y\r\n\r\n", .fieldLine),
        .init("7.1.2", "a trailer without a colon", chunks: "0\r\nGET / HTTP/1.1\r\n\r\n", .fieldLine),
        .init("7.1.2", "a trailer that goes on", chunks: "0\r\nX: y\r\n z\r\n\r\n", .foldedLine),
        .init("7.1.2", "a trailer with a NUL", chunks: "0\r\nX: \0\r\n\r\n", .fieldValue),
        .init("7.1.2", "a bare line feed behind the trailers", chunks: "0\r\nX: y\r\n\n", .lineEnding),
        .init("7.1.2", "a bare line feed in the trailers", chunks: "0\r\nX: y\n\r\n", .lineEnding),
        .init(
            "8", "a body without its last line",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", then: .waits),
    ]
}
