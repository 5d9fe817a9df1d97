import HTTPServer

/// HTTP/1 connections, with answers that come at once, late or never, pieces of any size, and ends at any point: each
/// request that a plain reading finds gets one answer, in order, and nothing follows an answer that ends the connection.
package enum ConnectionFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(name: "connections", seeds: seeds.map { Array($0.utf8) }, tokens: tokens, check: check)
    }

    private static let get = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    private static let chunked =
        "PUT /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nX: y\r\n\r\n"
    private static let kept = "GET /4 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    private static let expecting = "POST /5 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"

    private static let seeds = [
        get + post + chunked + get, kept + kept + post + "HEAD /6 HTTP/1.1\r\nHost: a\r\n\r\n" + get,
        expecting + chunked + "\r\n" + get + "GET /7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get,
        "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get + "GET /c HTTP/1.1\r\nHost: a\r\n\r\n"
            + get,
        get + get + get + get + get + get + get + get + "GET /n HTTP/1.1\r\nHost: a\r\n\r\n" + get,
        "POST /r HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + get,
    ]

    private static let tokens =
        HTTPFuzz.tokens + [
            get, post, chunked, kept, expecting, "HEAD ", "/r", "/c", "/n", "Connection: close\r\n",
            "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "GET / HTTP/1.1\r\n\r\n",
        ]

    private static let limits = NaiveHTTP.Limits()

    private static var configuration: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.maxHeadBytes = limits.head
        configuration.maxTargetBytes = limits.target
        configuration.maxFields = limits.fields
        configuration.maxBodyBytes = limits.body
        configuration.http2 = false
        return configuration
    }

    // MARK: What has to hold

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        // That is not this protocol's.
        if input.starts(with: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) { return "http/2" }
        var random = FuzzRandom(seed: input.reduce(UInt64(input.count)) { $0 &* 31 &+ UInt64($1) })
        let naive = NaiveStream(input[...], limits)

        let whole = try ConnectionRun(input, configuration, answersLate: false)
        try whole.receive(upTo: input.count)
        try whole.compare(with: naive)

        let pieces = try ConnectionRun(input, configuration, answersLate: true)
        let longest = input.count.isMultiple(of: 8) ? 1 : 60
        while pieces.received < input.count {
            try pieces.receive(upTo: pieces.received + Int.random(in: 1...longest, using: &random))
            if Bool.random(using: &random) { try pieces.sendAnswers() }
        }
        try pieces.sendAnswers()
        try pieces.compare(with: naive)
        guard pieces.answers == whole.answers else { throw FuzzFailure("in pieces it is answered otherwise", input) }

        let disturbed = try ConnectionRun(input, configuration, answersLate: true)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: try disturbed.timeOut()
            case 1: try disturbed.drain()
            case 2: try disturbed.endInput()
            case 3...6: try disturbed.sendAnswers()
            default: try disturbed.receive(upTo: disturbed.received + Int.random(in: 1...200, using: &random))
            }
        }
        try disturbed.finish()
        let count = naive.requests.count
        // Long conversations are the ones to go on from.
        return count > 1 && naive.ending != .refused ? "ok" : "\(naive.ending) \(min(count, 3))"
    }
}

/// What a plain reading makes of all a client sends.
struct NaiveStream {
    enum Ending { case partial, refused, closed }

    /// Those that reach the handler.
    private(set) var requests: [String] = []
    private(set) var ending = Ending.partial

    init(_ input: ArraySlice<UInt8>, _ limits: NaiveHTTP.Limits) { ending = read(input, limits) }

    private mutating func read(_ input: ArraySlice<UInt8>, _ limits: NaiveHTTP.Limits) -> Ending {
        var rest = input
        while true {
            let head: NaiveHTTP.Head
            switch NaiveHTTP.head(rest, limits) {
            case .whole(let value, let behind): (head, rest) = (value, behind)
            case .refused: return .refused
            case .partial: return .partial
            }
            var body: [UInt8] = []
            let isUnwanted = head.path == "/r"
            switch head.framing {
            case .none: break
            case .length(let length):
                if isUnwanted, head.expectsContinue ? length > 0 : length > 64 << 10 { return .closed }
                if length > limits.body { return .refused }
                guard rest.count >= length else { return .partial }
                body = Array(rest.prefix(length))
                rest = rest.dropFirst(length)
            case .chunked:
                if isUnwanted { return .closed }
                switch NaiveHTTP.chunks(rest, limits) {
                case .whole(let decoded, let behind): (body, rest) = (decoded, behind)
                case .refused: return .refused
                case .partial: return .partial
                }
            }
            if !isUnwanted { requests.append(Self.describe(head.method, head.path, head.query, head.fields, body)) }
            if !head.keepsAlive || head.path == "/c" && !isUnwanted { return .closed }
        }
    }

    static func describe(
        _ method: String, _ path: String, _ query: String?, _ fields: [[String]], _ body: [UInt8]
    ) -> String {
        "\(method) \(path) \(query ?? "-") \(fields) \(body)"
    }
}
