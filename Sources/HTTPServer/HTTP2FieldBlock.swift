/// The fields of a response's head or trailers as HTTP/2 sends them: names in lower case, values that cannot break
/// anything (RFC 9113, section 8.2).
struct HTTP2FieldBlock {
    /// Where a field lies in `bytes`.
    struct Field {
        var name: Range<Int>
        var value: Range<Int>
        /// A value that will not come again: kept out of the compression's table.
        var isUnique: Bool
    }

    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []

    init() {
        bytes.reserveCapacity(256)
        fields.reserveCapacity(8)
    }

    /// An interim head.
    init(status: Int) {
        self.init()
        add(":status") { $0.append(status) }
    }

    /// A response's head. `length` is nil when there is no `Content-Length` to tell.
    init(_ response: HTTPResponse, id: RequestID, date: [UInt8], length: Int?) {
        self.init()
        add(":status") { $0.append(response.status.code) }
        addAll(response.headers)
        response.moreFields?.forEachField { name, count, value in
            add(name, isUnique: true) { block in block.bytes.append(addingCapacity: count, initializingWith: value) }
        }
        add("x-request-id", isUnique: true) { block in
            block.bytes.append(addingCapacity: id.count) { id.append(to: &$0) }
        }
        add("date") { $0.bytes.append(contentsOf: date) }
        if let length { add("content-length", isUnique: true) { $0.append(length) } }
    }

    /// Trailers.
    init(trailers: [(name: String, value: String)]) {
        self.init()
        addAll(trailers)
    }

    private mutating func addAll(_ headers: [(name: String, value: String)]) {
        for (name, value) in headers {
            let start = bytes.count
            for byte in name.utf8 { bytes.append(byte.lowercasedASCII) }
            let range = start..<bytes.count
            guard Self.isAllowed(bytes[range]) else {
                bytes.removeSubrange(range)
                continue
            }
            for byte in value.utf8 { bytes.append(byte.isFieldValue ? byte : ASCII.space) }
            // Space around a value is no part of it, and forbidden here.
            var (lower, upper) = (range.upperBound, bytes.count)
            while lower < upper, Self.isSpace(bytes[lower]) { lower += 1 }
            while lower < upper, Self.isSpace(bytes[upper - 1]) { upper -= 1 }
            fields.append(Field(name: range, value: lower..<upper, isUnique: false))
        }
    }

    private mutating func add(_ name: StaticString, isUnique: Bool = false, _ value: (inout HTTP2FieldBlock) -> Void) {
        let start = bytes.count
        name.withUTF8Buffer { name in unsafe name.forEach { bytes.append($0.lowercasedASCII) } }
        let end = bytes.count
        value(&self)
        fields.append(Field(name: start..<end, value: end..<bytes.count, isUnique: isUnique))
    }

    private mutating func append(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    /// False for what the server writes itself, for what only HTTP/1 has (RFC 9113, section 8.2.2), and for what is no name.
    private static func isAllowed(_ name: ArraySlice<UInt8>) -> Bool {
        guard !name.isEmpty, name.allSatisfy(\.isToken) else { return false }
        return switch name.count {
        case 4: !name.matchesIgnoringCase("date")
        case 7: !name.matchesIgnoringCase("upgrade")
        case 10: !name.matchesIgnoringCase("connection") && !name.matchesIgnoringCase("keep-alive")
        case 12: !name.matchesIgnoringCase("x-request-id")
        case 14: !name.matchesIgnoringCase("content-length")
        case 16: !name.matchesIgnoringCase("proxy-connection")
        case 17: !name.matchesIgnoringCase("transfer-encoding")
        default: true
        }
    }
}
