import HTTPServer

/// The HTTP/1 request parser: however a stream is cut, it means the same.
package enum HTTPFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(name: "http", seeds: seeds.map { Array($0.utf8) }, tokens: tokens, check: check)
    }

    private static let seeds = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nHEAD /a/b%20c?x=1&y=%7a+b HTTP/1.1\r\nHost: [::1]:8080\r\nAccept: */*\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET http://b:80/p?q HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloDELETE / HTTP/1.0\r\n\r\n",
        "PUT /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\nA;a=b;c;d=\"x\\\"; y\"\r\n, world!!!\r\n0;z\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "PATCH /x HTTP/1.1\r\nHost: a.b\r\nX-Request-Id: 1\r\nConnection: close, x\r\nContent-Length: 0\r\n\r\n",
    ]

    static let tokens = [
        "\r\n", "\r\n\r\n", "\r", "\n", "\r\r\n", " ", "\t", "\0", ":", ": ", ",", ";", "=", "\"", "\\", "%", "%00",
        "%zz",
        "%ff", "%2f", "#", "?", "*", "/", "http://", "https://[", "]", "@", " HTTP/1.1\r\n", " HTTP/1.0\r\n",
        "HTTP/2.0",
        "HTTP/1.9", "GET ", "POST ", "CONNECT ", "PRI ", "Host: a\r\n", "Host:\r\n", "Content-Length: 3\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Expect: 100-continue\r\n", "Connection: keep-alive\r\n", "0\r\n\r\n",
        "3\r\nabc\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n", "1;a=\"b\"\r\n", "X : y\r\n", " folded\r\n",
        "chunked",
    ]

    /// Small, so that inputs reach them.
    private static let limits = HTTP1RequestParser.Limits(
        maxHeadBytes: 512, maxTargetBytes: 64, maxFields: 8, maxBodyBytes: 64)

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let whole = try transcript(input) { _ in input.count }
        guard try transcript(input, step: { $0 + 1 }) == whole else {
            throw FuzzFailure("byte by byte it is something else", input)
        }
        // Pieces of changing sizes, different for every input.
        var random = FuzzRandom(seed: input.reduce(UInt64(input.count)) { $0 &* 31 &+ UInt64($1) })
        let pieces = try transcript(input) { $0 + Int.random(in: 1...40, using: &random) }
        guard pieces == whole else { throw FuzzFailure("in pieces it is something else", input) }
        return whole.outcome
    }

    private struct Transcript: Equatable {
        /// Heads, bodies and ends in order, each with a mark of its kind before it.
        var bytes: [UInt8] = []
        var error: HTTPError?
        var requests = 0

        var outcome: String {
            switch error {
            case .malformed(let reason)?: "\(reason)".prefix(40) + (requests > 0 ? " (later)" : "")
            case let error?: error.code
            case nil: requests > 0 ? "ok" : "partial"
            }
        }
    }

    /// What the parser says when more of the input becomes visible in steps.
    private static func transcript(
        _ input: [UInt8], step: (Int) -> Int
    ) throws(FuzzFailure) -> Transcript {
        var parser = HTTP1RequestParser(limits: limits)
        var transcript = Transcript()
        var isInside = false
        var wasBody = false
        var start = 0
        var end = 0
        while end < input.count {
            end = min(input.count, step(end))
            reading: while true {
                let result = parser.next(input.span.extracting(start..<end))
                guard (0...end - start).contains(result.consumed) else {
                    throw FuzzFailure("too much was consumed", input)
                }
                switch result.event {
                case .head(let head):
                    guard !isInside, result.consumed > 0 else { throw FuzzFailure("a head inside a request", input) }
                    isInside = true
                    transcript.bytes += [0x48] + describe(head)
                case .body(let range):
                    guard isInside, !range.isEmpty, range.upperBound <= result.consumed else {
                        throw FuzzFailure("a body that is not there", input)
                    }
                    if !wasBody { transcript.bytes.append(0x42) }
                    transcript.bytes += input[start + range.lowerBound..<start + range.upperBound]
                case .end:
                    guard isInside else { throw FuzzFailure("an end without a head", input) }
                    isInside = false
                    transcript.requests += 1
                    transcript.bytes.append(0x45)
                case .failed(let error):
                    transcript.error = error
                    return transcript
                case .partial:
                    start += result.consumed
                    break reading
                }
                if case .body = result.event { wasBody = true } else { wasBody = false }
                start += result.consumed
            }
        }
        return transcript
    }

    /// Everything a head gives away, which also shows that asking for it does not trap.
    private static func describe(_ head: HTTPRequestHead) -> [UInt8] {
        var text = "\(head.method) \(head.version) \(head.framing) \(head.expectsContinue) \(head.keepsAlive) "
        text += "\(head.target.rawPath) \(head.target.segments) \(head.target.queryItems) \(head.headers.all)"
        return Array(text.utf8)
    }
}
