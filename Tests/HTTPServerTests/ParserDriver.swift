import HTTPServer

/// What a parser made of a stream, with the parts of each body put together.
enum Parsed: Equatable, CustomStringConvertible {
    /// Method, raw path, raw query.
    case head(HTTPMethod, String, String?)
    case body([UInt8])
    case end
    case failed(HTTPError)

    var description: String {
        switch self {
        case .head(let method, let path, let query): "head(\(method.rawValue) \(path) ? \(query ?? "none"))"
        case .body(let bytes): "body(\(String(decoding: bytes, as: UTF8.self)))"
        case .end: "end"
        case .failed(let error): "failed(\(error))"
        }
    }
}

/// Feeds a parser as a connection would: what was not consumed is shown again with the next piece behind it.
struct ParserDriver {
    var parser: HTTP1RequestParser
    var parsed: [Parsed] = []
    var heads: [HTTPRequestHead] = []
    private var unread: [UInt8] = []

    init(limits: HTTP1RequestParser.Limits = HTTP1RequestParser.Limits()) {
        parser = HTTP1RequestParser(limits: limits)
    }

    mutating func feed(_ bytes: some Collection<UInt8>) {
        let input = unread + bytes
        var position = 0
        while true {
            let step = parser.next(input.span.extracting(position..<input.count))
            switch step.event {
            case .head(let head):
                heads.append(head)
                parsed.append(.head(head.method, head.target.rawPath, head.target.rawQuery))
            case .body(let range):
                let part = Array(input[position + range.lowerBound..<position + range.upperBound])
                if case .body(let before)? = parsed.last {
                    parsed[parsed.count - 1] = .body(before + part)
                } else {
                    parsed.append(.body(part))
                }
            case .end: parsed.append(.end)
            case .failed(let error):
                if parsed.last != .failed(error) { parsed.append(.failed(error)) }
                return
            case .partial:
                position += step.consumed
                unread = Array(input[position...])
                return
            }
            position += step.consumed
        }
    }

    /// What the bytes are, given in pieces that end at `cuts`.
    static func parse(
        _ bytes: [UInt8], cuts: some Sequence<Int> = [], limits: HTTP1RequestParser.Limits = HTTP1RequestParser.Limits()
    ) -> [Parsed] {
        var driver = ParserDriver(limits: limits)
        var start = 0
        for cut in cuts {
            driver.feed(bytes[start..<cut])
            start = cut
        }
        driver.feed(bytes[start...])
        return driver.parsed
    }
}
