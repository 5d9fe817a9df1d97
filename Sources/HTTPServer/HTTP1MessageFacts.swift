/// What the fields of a head say about the message itself: its host, its length, its connection.
struct HTTP1MessageFacts {
    private var hosts = 0
    private var hostIsValid = true
    private var lengths = 0
    private var length = 0
    private var codings: [Range<Int>] = []
    private var expectations: [Range<Int>] = []
    private var says = (close: false, keepAlive: false)

    /// Takes a field into account, if it is one of those.
    mutating func note(_ line: HTTP1FieldLine, _ input: Span<UInt8>) throws(HTTPError) {
        // The length of the name rules nearly all fields out.
        switch line.name.count {
        case 4 where input.matches(line.name, ignoringCase: "host"):
            hosts += 1
            hostIsValid = hostIsValid && HTTP1Host.isValid(input, line.value)
        case 6 where input.matches(line.name, ignoringCase: "expect"):
            expectations.append(line.value)
        case 10 where input.matches(line.name, ignoringCase: "connection"):
            for item in input.listItems(line.value) {
                if input.matches(item, ignoringCase: "close") { says.close = true }
                if input.matches(item, ignoringCase: "keep-alive") { says.keepAlive = true }
            }
        case 14 where input.matches(line.name, ignoringCase: "content-length"):
            guard lengths == 0 else { throw .malformed(.repeatedContentLength) }
            lengths += 1
            length = try Self.number(input, line.value)
        case 17 where input.matches(line.name, ignoringCase: "transfer-encoding"):
            codings.append(line.value)
        default: break
        }
    }

    /// RFC 9112, section 3.2: one valid `Host`, which only HTTP/1.0 may leave out.
    func checkHost(minorVersion: Int) throws(HTTPError) {
        if hosts == 0, minorVersion > 0 { throw .malformed(.missingHost) }
        if hosts > 1 { throw .malformed(.repeatedHost) }
        if !hostIsValid { throw .malformed(.invalidHost) }
    }

    /// RFC 9112, section 9.3.
    func keepsAlive(minorVersion: Int) -> Bool { !says.close && (minorVersion > 0 || says.keepAlive) }

    /// RFC 9110, section 10.1.1; an HTTP/1.0 client cannot mean it.
    func expectsContinue(_ input: Span<UInt8>, minorVersion: Int) throws(HTTPError) -> Bool {
        guard minorVersion > 0, !expectations.isEmpty else { return false }
        let items = expectations.flatMap { input.listItems($0) }.filter { !$0.isEmpty }
        for item in items where !input.matches(item, ignoringCase: "100-continue") {
            throw .expectationFailed(input.text(item.prefix(64)))
        }
        return !items.isEmpty
    }

    /// How the body is delimited (RFC 9112, sections 6.1 to 6.3), refusing whatever two readers could read differently.
    func framing(_ input: Span<UInt8>, minorVersion: Int) throws(HTTPError) -> HTTPRequestHead.Framing {
        guard !codings.isEmpty else { return lengths == 0 ? .none : .length(length) }
        if lengths > 0 { throw .malformed(.contradictingLengths) }
        if minorVersion == 0 { throw .malformed(.transferEncoding) }
        let items = codings.flatMap { input.listItems($0) }
        if items.count == 1, input.matches(items[0], ignoringCase: "chunked") { return .chunked }
        // Well-formed codings before one final chunked are merely not known here; anything else has no sure end.
        let areTokens = items.allSatisfy { item in !item.isEmpty && item.allSatisfy { input[$0].isToken } }
        let chunked = items.filter { input.matches($0, ignoringCase: "chunked") }
        guard areTokens, chunked.count == 1, let last = items.last, chunked[0] == last, let first = items.first else {
            throw .malformed(.transferEncoding)
        }
        throw .unsupportedTransferCoding(input.text(first.prefix(64)))
    }

    /// `1*DIGIT`; what no integer holds counts as the largest one.
    static func number(_ input: Span<UInt8>, _ range: Range<Int>) throws(HTTPError) -> Int {
        guard !range.isEmpty else { throw .malformed(.contentLength) }
        var value = 0
        for index in range {
            guard input[index].isDigit else { throw .malformed(.contentLength) }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(input[index] - ASCII.zero))
            value = overflow || carry || value == .max ? .max : sum
        }
        return value
    }
}
