/// Gathers the fields of one request, or its trailers, and makes of them what HTTP/1.1 would have brought.
///
/// What RFC 9113 says of names, pseudo-fields and lengths is the session's to check; here is what it leaves open.
struct HTTP2HeadBuilder {
    private let limits: HTTP1RequestParser.Limits
    private var bytes: [UInt8] = []
    private var fields: [HTTPHeaders.Field] = []
    private var cookies: [Range<Int>] = []
    private var method: Range<Int>?
    private var path: Range<Int>?
    private var authority: Range<Int>?
    private var host: Range<Int>?
    private var length: Range<Int>?
    private var expectation: Range<Int>?
    /// What has come so far, as SETTINGS_MAX_HEADER_LIST_SIZE counts it: 32 bytes more than its text for each field.
    private(set) var size = 0

    init(limits: HTTP1RequestParser.Limits) {
        self.limits = limits
        bytes.reserveCapacity(256)
        fields.reserveCapacity(12)
    }

    /// Whether there is no use in going on: a few bytes on the wire can unpack to any size.
    var isFarTooLarge: Bool { size / 8 > limits.maxHeadBytes }

    /// Whether this is a HEAD request, whose answer has no body.
    var isHead: Bool { method.map { bytes.span.matches($0, "HEAD") } ?? false }

    private var isTooLarge: Bool { size > limits.maxHeadBytes || fields.count > limits.maxFields }

    // MARK: Gathering

    /// Takes a field. Beyond the limits it is counted only.
    mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        size += name.count + value.count + 32
        guard !isTooLarge else { return }
        let start = bytes.count
        unsafe bytes.append(contentsOf: name)
        let middle = bytes.count
        unsafe bytes.append(contentsOf: value)
        note(start..<middle, middle..<bytes.count)
    }

    private mutating func note(_ name: Range<Int>, _ value: Range<Int>) {
        let bytes = bytes
        let text = bytes.span
        if !name.isEmpty, bytes[name.lowerBound] == ASCII.colon {
            switch name.count {
            case 5 where text.matches(name, ":path"): path = value
            case 7 where text.matches(name, ":method"): method = value
            case 10 where text.matches(name, ":authority"): authority = value
            default: break
            }
            return
        }
        switch name.count {
        case 4 where text.matches(name, "host"): host = value
        case 6 where text.matches(name, "cookie"): cookies.append(value)
        case 6 where text.matches(name, "expect"): expectation = value
        case 14 where text.matches(name, "content-length"): length = value
        default: break
        }
        fields.append(HTTPHeaders.Field(name: Self.compact(name), value: Self.compact(value)))
    }

    // MARK: The whole

    /// The head. `endsStream` tells that no body follows.
    mutating func finish(endsStream: Bool, tls: TLSDetails?) throws(HTTPError) -> HTTPRequestHead {
        guard size <= limits.maxHeadBytes else { throw .headTooLarge(limit: limits.maxHeadBytes) }
        guard fields.count <= limits.maxFields else { throw .tooManyFields(limit: limits.maxFields) }
        guard let methodRange = method else { throw .malformed(.requestLine) }
        guard let method = HTTPMethod(bytes.span, methodRange) else {
            throw .unknownMethod(bytes.span.text(methodRange.prefix(32)))
        }
        try settleHost()
        joinCookies()
        let target = try target(method)
        var framing = HTTPRequestHead.Framing.none
        if let length {
            framing = .length(try HTTP1MessageFacts.number(bytes.span, length))
        } else if !endsStream {
            framing = .chunked
        }
        if let expectation, !bytes.span.matches(expectation, ignoringCase: "100-continue") {
            throw .expectationFailed(bytes.span.text(expectation.prefix(64)))
        }
        return HTTPRequestHead(
            method: method, version: .http2, target: target, headers: HTTPHeaders(bytes: bytes, fields: fields),
            framing: framing, expectsContinue: expectation != nil && !endsStream, keepsAlive: true, tls: tls)
    }

    /// The fields alone, for trailers.
    func finishTrailers() throws(HTTPError) -> HTTPHeaders {
        guard !isTooLarge else { throw .headTooLarge(limit: limits.maxHeadBytes) }
        return HTTPHeaders(bytes: bytes, fields: fields)
    }

    /// What is in `:authority` stands in `Host`, too (RFC 9113, section 8.3.1), so that nobody has to know both.
    private mutating func settleHost() throws(HTTPError) {
        guard let named = authority ?? host else { throw .malformed(.missingHost) }
        guard HTTP1Host.isValid(bytes.span, named) else { throw .malformed(.invalidHost) }
        guard let authority else { return }
        if let host {
            guard bytes[authority].lazy.map(\.lowercasedASCII).elementsEqual(bytes[host].lazy.map(\.lowercasedASCII))
            else { throw .malformed(.repeatedHost) }
        } else {
            let start = bytes.count
            bytes.append(contentsOf: "host".utf8)
            fields.insert(
                HTTPHeaders.Field(name: Self.compact(start..<bytes.count), value: Self.compact(authority)), at: 0)
        }
    }

    /// A cookie field that was cut into crumbs for compression is one field to everybody else (RFC 9113, section 8.2.3).
    private mutating func joinCookies() {
        guard cookies.count > 1 else { return }
        let text = bytes
        fields.removeAll { text.span.matches(Int($0.name.lowerBound)..<Int($0.name.upperBound), "cookie") }
        let start = bytes.count
        bytes.append(contentsOf: "cookie".utf8)
        let middle = bytes.count
        for (index, crumb) in cookies.enumerated() {
            if index > 0 { bytes.append(contentsOf: "; ".utf8) }
            bytes.append(contentsOf: text[crumb])
        }
        fields.append(HTTPHeaders.Field(name: Self.compact(start..<middle), value: Self.compact(middle..<bytes.count)))
    }

    private func target(_ method: HTTPMethod) throws(HTTPError) -> HTTPTarget {
        guard let path, !path.isEmpty else { throw .malformed(.target) }
        guard path.count <= limits.maxTargetBytes else { throw .targetTooLong(limit: limits.maxTargetBytes) }
        let first = bytes[path.lowerBound]
        guard first == ASCII.slash || first == ASCII.asterisk,
            bytes[path].allSatisfy({ $0 > ASCII.space && $0 < ASCII.delete })
        else { throw .malformed(.target) }
        let form = try HTTP1TargetForm(bytes.span, path, method: method)
        return HTTPTarget(
            bytes: bytes, pathRange: Self.compact(form.path), impliedPath: nil,
            queryRange: form.query.map(Self.compact))
    }

    /// A head is far smaller than 4 GiB.
    private static func compact(_ range: Range<Int>) -> Range<UInt32> {
        UInt32(truncatingIfNeeded: range.lowerBound)..<UInt32(truncatingIfNeeded: range.upperBound)
    }
}
