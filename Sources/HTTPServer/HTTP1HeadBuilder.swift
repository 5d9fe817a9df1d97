/// Reads one request head, line by line as the lines become complete, and remembers where everything lies.
///
/// The bytes stay with the caller until the head is whole; then they are copied once and the ranges refer to the copy.
struct HTTP1HeadBuilder {
    private let limits: HTTP1RequestParser.Limits
    private let tls: TLSDetails?
    /// Where the request line begins: behind the empty line that may stand before it.
    private var start = 0
    private var lineStart = 0
    /// Up to here no line feed was found beyond `lineStart`.
    private var scanned = 0
    private var requestLine: HTTP1RequestLine?
    /// Whether the method is HEAD, known even if nothing else can be read: no answer to it has a body.
    private(set) var isHEAD = false
    /// Where the head is copied to once it is whole; empty until then.
    private var bytes: [UInt8] = []
    private var fields: [HTTPHeaders.Field] = []
    private var facts = HTTP1MessageFacts()

    init(limits: HTTP1RequestParser.Limits, tls: TLSDetails?) {
        self.limits = limits
        self.tls = tls
    }

    /// Takes memory to be used for the head. Before its first field.
    mutating func use(_ memory: LoopSpares.Head) {
        bytes = memory.bytes
        fields = memory.fields
    }

    /// Whether any byte of it was seen; an empty line before it does not count.
    var hasBegun: Bool { scanned > start }

    /// Reads the lines that are complete. Returns the end of the head once its empty line was seen.
    mutating func parse(_ input: Span<UInt8>) throws(HTTPError) -> Int? {
        while let end = try nextLineFeed(input) {
            guard end > lineStart, input[end - 1] == ASCII.carriageReturn else { throw .malformed(.lineEnding) }
            let line = lineStart..<end - 1
            lineStart = end + 1
            scanned = lineStart
            if requestLine == nil {
                // RFC 9112, section 2.2: one empty line before a request is ignored.
                if line.isEmpty, start == 0 {
                    start = lineStart
                } else {
                    requestLine = try HTTP1RequestLine(input, line, maxTargetBytes: limits.maxTargetBytes)
                }
            } else if line.isEmpty {
                return lineStart
            } else {
                try add(HTTP1FieldLine(input, line), input)
            }
        }
        return nil
    }

    /// The head that ends at `end`, after everything that needs all of it was checked.
    mutating func finish(_ input: Span<UInt8>, end: Int) throws(HTTPError) -> HTTPRequestHead {
        guard let line = requestLine else { throw .malformed(.requestLine) }
        let framing = try facts.framing(input, minorVersion: line.minorVersion)
        try facts.checkHost(minorVersion: line.minorVersion)
        let expectsContinue = try facts.expectsContinue(input, minorVersion: line.minorVersion)
        unsafe input.extracting(start..<end).withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        return HTTPRequestHead(
            method: line.method, version: line.minorVersion == 0 ? .http10 : .http11,
            target: HTTPTarget(
                bytes: bytes, pathRange: relative(line.path), impliedPath: line.impliesPath ? line.impliedPath : nil,
                queryRange: line.query.map(relative)),
            headers: HTTPHeaders(bytes: bytes, fields: fields), framing: framing, expectsContinue: expectsContinue,
            keepsAlive: facts.keepsAlive(minorVersion: line.minorVersion), tls: tls)
    }

    /// The line feed that ends the current line, once it has arrived; the limits are checked on the way.
    private mutating func nextLineFeed(_ input: Span<UInt8>) throws(HTTPError) -> Int? {
        if requestLine == nil, lineStart < input.count {
            try checkFirstByte(input[lineStart])
            isHEAD = input.count - lineStart >= 5 && input.matches(lineStart..<lineStart + 5, "HEAD ")
        }
        let feed = input.firstLineFeed(from: scanned)
        let end = feed ?? input.count
        if requestLine == nil {
            // Sixty-four bytes hold every method, the version and the spaces.
            let targetLimit = limits.maxTargetBytes + 64
            if end - start > min(targetLimit, limits.maxHeadBytes) {
                throw targetLimit < limits.maxHeadBytes
                    ? .targetTooLong(limit: limits.maxTargetBytes) : .headTooLarge(limit: limits.maxHeadBytes)
            }
        }
        guard end - start < limits.maxHeadBytes || feed == nil && end - start == limits.maxHeadBytes else {
            throw .headTooLarge(limit: limits.maxHeadBytes)
        }
        scanned = end
        return feed
    }

    /// What cannot begin a request is refused at once: a TLS greeting has no line end that one could wait for.
    private func checkFirstByte(_ byte: UInt8) throws(HTTPError) {
        if byte.isToken || byte == ASCII.carriageReturn { return }
        throw .malformed(byte == ASCII.lineFeed ? .lineEnding : .requestLine)
    }

    private mutating func add(_ line: HTTP1FieldLine, _ input: Span<UInt8>) throws(HTTPError) {
        guard fields.count < limits.maxFields else { throw .tooManyFields(limit: limits.maxFields) }
        if fields.isEmpty { fields.reserveCapacity(16) }
        fields.append(HTTPHeaders.Field(name: relative(line.name), value: relative(line.value)))
        try facts.note(line, input)
    }

    /// The range counted from the head's first byte; a head is far smaller than 4 GiB.
    private func relative(_ range: Range<Int>) -> Range<UInt32> {
        UInt32(truncatingIfNeeded: range.lowerBound - start)..<UInt32(truncatingIfNeeded: range.upperBound - start)
    }
}
