import HTTPServer

/// Heads and chunked bodies: the parser takes what a plain reading of the grammar takes, nothing else, and means the same.
package enum HTTPPartsFuzz {
    package static var targets: [FuzzTarget] { [chunks, heads] }

    package static var heads: FuzzTarget {
        FuzzTarget(name: "headers", seeds: headSeeds.map { Array($0.utf8) }, tokens: headTokens, check: checkHead)
    }

    package static var chunks: FuzzTarget {
        FuzzTarget(name: "chunks", seeds: chunkSeeds.map { Array($0.utf8) }, tokens: chunkTokens, check: checkChunks)
    }

    private static let headSeeds = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "\r\nHEAD http://b:80/c%20?d=%7a HTTP/1.3\r\nhost: [2001:db8::ffff:127.0.0.1]:8080\r\nX: \t y z \r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a%2Db.c\r\nContent-Length: 005\r\nExpect: 100-continue\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8]\r\nTransfer-Encoding: Chunked\r\nConnection: x, Close\r\n\r\n",
        "GET http://[::1]?q HTTP/1.1\r\nHost: [1::2:3:4:5:6:7]\r\nConnection: ,\r\nExpect: ,100-CONTINUE\r\n\r\n",
    ]

    private static let headTokens =
        HTTPFuzz.tokens + [
            "[::]", "[1::]", "1:2:", "::", ":", "1.2.3.4", "256", "fffff", "%41", "%c3%a9", "Host: [::1]\r\n", ":65535",
            ":65536",
            "TRACE ", "PATCH ", "Content-Length: 7, 7\r\n", "Transfer-Encoding: chunked, chunked\r\n", "\u{B}",
            "\u{7F}", "\u{A0}",
            "Connection: close\r\n", "Transfer-Encoding: identity\r\n", "https://a", "HTTP/1.", "é",
        ]

    private static let chunkSeeds = [
        "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "a\r\n0123456789\r\n00A\r\n0123456789\r\n000\r\nX: y\r\nZ:\r\n\r\nGET",
        "3;a;b=c;d=\"e\\\";\"\r\nabc\r\n1 ; f =\t\"\" ;g\r\nx\r\n0;h\r\nContent-Length: 5\r\n\r\n",
    ]

    private static let chunkTokens =
        HTTPFuzz.tokens + [
            "0\r\n", "1\r\nx\r\n", "5\r\n0\r\n\r\n\r\n", ";a", ";a=b", ";a=\"b\"", " ;", "; ", " = ", "\"\"", "\\\"",
            "00", "1;",
            "10000000000000001\r\n", "100000001\r\n", "X: y\r\n", "40\r\n", "+1", "-1", "0x1", " 1", "1 ", "\u{7F}",
        ]

    private static let limits = NaiveHTTP.Limits()
    private static let parserLimits = HTTP1RequestParser.Limits(
        maxHeadBytes: limits.head, maxTargetBytes: limits.target, maxFields: limits.fields, maxBodyBytes: limits.body)

    // MARK: Heads

    private static func checkHead(_ input: [UInt8]) throws(FuzzFailure) -> String {
        var parser = HTTP1RequestParser(limits: parserLimits)
        let step = parser.next(input.span)
        switch (step.event, NaiveHTTP.head(input[...], limits)) {
        case (.head(let head), .whole(let naive, let rest)):
            guard step.consumed == rest.startIndex else { throw FuzzFailure("the head ends elsewhere", input) }
            guard plain(head) == naive else { throw FuzzFailure("\(plain(head)) is \(naive)", input) }
            return "ok"
        case (.failed, .refused): return "refused"
        case (.failed, .partial): return "refused early"
        case (.partial, .partial): return "partial"
        case (let event, let naive): throw FuzzFailure("\(event) is \(naive)", input)
        }
    }

    private static func plain(_ head: HTTPRequestHead) -> NaiveHTTP.Head {
        let framing: NaiveHTTP.Head.Framing =
            switch head.framing {
            case .none: .none
            case .length(let length): .length(length)
            case .chunked: .chunked
            }
        return NaiveHTTP.Head(
            method: head.method.rawValue, path: head.target.rawPath, query: head.target.rawQuery,
            isHTTP11: head.version == .http11, fields: head.headers.all.map { [$0.name.lowercased(), $0.value] },
            framing: framing, keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue)
    }

    // MARK: Chunks

    private static let postHead = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    private static func checkChunks(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let naive = NaiveHTTP.chunks(input[...], limits)
        var random = FuzzRandom(seed: input.reduce(UInt64(input.count)) { $0 &* 31 &+ UInt64($1) })
        let outcome = try compare(input, naive) { _ in input.count }
        _ = try compare(input, naive) { $0 + Int.random(in: 1...12, using: &random) }
        return outcome
    }

    /// Reads the body as it becomes visible in steps.
    private static func compare(
        _ input: [UInt8], _ naive: NaiveHTTP.Reading<[UInt8]>, step: (Int) -> Int
    ) throws(FuzzFailure) -> String {
        var parser = HTTP1RequestParser(limits: parserLimits)
        _ = parser.next(postHead.span)
        var body: [UInt8] = []
        var start = 0
        var end = 0
        while true {
            let result = parser.next(input.span.extracting(start..<end))
            switch (result.event, naive) {
            case (.body(let range), _): body += input[start + range.lowerBound..<start + range.upperBound]
            case (.end, .whole(let expected, let rest)):
                guard body == expected else { throw FuzzFailure("the body is \(body), not \(expected)", input) }
                guard start + result.consumed == rest.startIndex else {
                    throw FuzzFailure("the body ends elsewhere", input)
                }
                return "ok"
            case (.failed, .refused): return "refused"
            case (.partial, _) where end < input.count: end = min(input.count, step(end))
            case (.partial, .partial): return "partial"
            default: throw FuzzFailure("\(result.event) is \(naive)", input)
            }
            start += result.consumed
        }
    }
}
