import Testing
import dense_bench

@Suite("The response reader")
struct ResponseReaderTests {
    struct Answer: Equatable {
        var status: Int
        var body = ""
    }

    struct Sample: CustomTestStringConvertible {
        let name: String
        let text: String
        let answers: [Answer]
        var closes = false
        var testDescription: String { name }
    }

    static let samples = [
        Sample(
            name: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            answers: [Answer(status: 200, body: "hello")]),
        Sample(
            name: "pipelined, with names in any case and spaces around values",
            text: "HTTP/1.1 200 OK\r\nDate: x\r\ncontent-LENGTH:  2 \t\r\n\r\nab"
                + "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 1\r\n\r\nc",
            answers: [Answer(status: 200, body: "ab"), Answer(status: 503, body: "c")]),
        Sample(
            name: "no body", text: "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            answers: [Answer(status: 204), Answer(status: 200)]),
        Sample(
            name: "no reason", text: "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
            answers: [Answer(status: 200, body: "x")]),
        Sample(
            name: "bare line feeds", text: "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
            answers: [Answer(status: 200, body: "x")]),
        Sample(
            name: "chunks, with extension and trailer",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\n"
                + "X-Sum: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny",
            answers: [Answer(status: 200, body: "abc0123456789"), Answer(status: 200, body: "y")]),
        Sample(
            name: "an interim response",
            text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
            answers: [Answer(status: 201, body: "{}")]),
        Sample(
            name: "until the end", text: "HTTP/1.0 200 OK\r\n\r\nall of it",
            answers: [Answer(status: 200, body: "all of it")], closes: true),
        Sample(
            name: "closing", text: "HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 1\r\n\r\nx",
            answers: [Answer(status: 200, body: "x")], closes: true),
    ]

    @Test("responses are read whole, cut in two anywhere, and byte by byte", arguments: samples)
    func reads(_ sample: Sample) throws {
        let bytes = Array(sample.text.utf8)
        var whole = Feed()
        try whole.eat(bytes)
        try whole.end()
        #expect(whole.answers == sample.answers && whole.reader.closes == sample.closes)
        for cut in 1..<bytes.count {
            var halves = Feed()
            try halves.eat(Array(bytes[..<cut]))
            try halves.eat(Array(bytes[cut...]))
            try halves.end()
            #expect(halves.answers == sample.answers, "cut at \(cut)")
        }
        var single = Feed()
        for byte in bytes { try single.eat([byte]) }
        try single.end()
        #expect(single.answers == sample.answers)
    }

    @Test(
        "what is no response is refused",
        arguments: [
            ("SSH-2.0-OpenSSH_9.2\r\n", ResponseError.noStatusLine),
            ("HTTP/2", .noStatusLine),
            ("HTTP/1.1 20 OK\r\n\r\n", .noStatusLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .noStatusLine),
            ("HTTP/1.1-200 OK\r\n\r\n", .noStatusLine),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformedLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", .malformedLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .malformedLength),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedChunk),
        ])
    func refuses(_ text: String, _ error: ResponseError) {
        var feed = Feed()
        #expect(throws: error) { try feed.eat(Array(text.utf8)) }
    }

    @Test("a head has a limit, and so has a line that does not end")
    func headLimit() {
        let limit = ResponseReader.maximumHead
        var feed = Feed()
        let field = "X: " + String(repeating: "a", count: 1000) + "\r\n"
        let fields = String(repeating: field, count: limit / field.utf8.count + 1)
        #expect(throws: ResponseError.headTooLong(limit: limit)) {
            try feed.eat(Array(("HTTP/1.1 200 OK\r\n" + fields).utf8))
        }
        var line = Feed()
        #expect(throws: ResponseError.headTooLong(limit: limit)) {
            try line.eat(Array(("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: limit)).utf8))
        }
    }

    @Test(
        "a connection that ends within a response has cut it short",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        ])
    func cutShort(_ text: String) throws {
        var feed = Feed()
        try feed.eat(Array(text.utf8))
        #expect(!feed.reader.isBetweenResponses)
        #expect(throws: ResponseError.cutShort) { try feed.end() }
    }

    /// Feeds a reader as a connection does, keeping what it did not take.
    struct Feed {
        var reader = ResponseReader()
        var answers: [Answer] = []
        private var rest: [UInt8] = []
        private var current: Answer?

        mutating func eat(_ bytes: [UInt8]) throws(ResponseError) {
            rest += bytes
            let bytes = rest
            var position = 0
            while let event = try reader.next(bytes.span, &position) { note(event) }
            rest.removeFirst(position)
        }

        mutating func end() throws(ResponseError) {
            if let event = try reader.finish() { note(event) }
        }

        private mutating func note(_ event: ResponseReader.Event) {
            switch event {
            case .head(let status): current = Answer(status: status)
            case .body(let range): current?.body += String(decoding: rest[range], as: UTF8.self)
            case .end:
                if let current { answers.append(current) }
                current = nil
            }
        }
    }
}
