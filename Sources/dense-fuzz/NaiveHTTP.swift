/// A second, plain reading of HTTP/1.1 requests, to compare the real one with: from whole inputs, by splitting them.
///
/// It decides as the server means to where the RFC leaves a choice, and says nothing about why.
package enum NaiveHTTP {
    /// What a client can make large.
    struct Limits {
        var head = 512
        var target = 64
        var fields = 8
        var body = 64
        var chunkLine = 1024
    }

    /// What came of reading.
    enum Reading<Value> {
        /// It was read; this is behind it.
        case whole(Value, rest: ArraySlice<UInt8>)
        /// There may be more to come. Nothing else is certain: what is here may be wrong already.
        case partial
        case refused
    }

    struct Head: Equatable {
        enum Framing: Equatable { case none, length(Int), chunked }

        var method = ""
        var path = ""
        var query: String?
        var isHTTP11 = true
        var fields: [[String]] = []
        var framing = Framing.none
        var keepsAlive = true
        var expectsContinue = false
    }

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    private static let lineEnd: [UInt8] = [13, 10]

    // MARK: Heads

    static func head(_ input: ArraySlice<UInt8>, _ limits: Limits) -> Reading<Head> {
        let start = input.starts(with: lineEnd) ? input.dropFirst(2) : input
        // Where the empty line is, however the lines end.
        guard let end = start.firstRange(of: lineEnd + lineEnd) else { return .partial }
        guard end.upperBound - start.startIndex <= limits.head else { return .refused }
        var lines = start[..<(end.lowerBound + 2)].split(separator: 10, omittingEmptySubsequences: false)
        lines.removeLast()
        var texts: [ArraySlice<UInt8>] = []
        for line in lines {
            guard line.last == 13, !line.dropLast().contains(13) else { return .refused }
            texts.append(line.dropLast())
        }
        var head = Head()
        guard let first = texts.first, requestLine(first, limits, &head), texts.count - 1 <= limits.fields else {
            return .refused
        }
        for text in texts.dropFirst() {
            guard let field = field(text) else { return .refused }
            head.fields.append(field)
        }
        guard meaning(&head) else { return .refused }
        return .whole(head, rest: input[end.upperBound...])
    }

    private static func requestLine(_ line: ArraySlice<UInt8>, _ limits: Limits, _ head: inout Head) -> Bool {
        let words = line.split(separator: 32, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count == 3, methods.contains(words[0]), words[2].count == 8, words[2].hasPrefix("HTTP/1."),
            let minor = Int(words[2].suffix(1))
        else { return false }
        head.method = words[0]
        head.isHTTP11 = minor > 0
        let target = words[1]
        guard !target.isEmpty, target.utf8.count <= limits.target,
            target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 && $0 != 0x5C })
        else { return false }
        if target == "*" {
            head.path = "*"
            return head.method == "OPTIONS"
        }
        var rest = Substring(target)
        if !target.hasPrefix("/") {
            let scheme = ["http://", "https://"].first { target.lowercased().hasPrefix($0) }
            guard let scheme else { return false }
            rest = rest.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            guard isHost(Array(authority.utf8)[...]) else { return false }
            rest = rest.dropFirst(authority.count)
        }
        let path = rest.prefix { $0 != "?" }
        head.query = path.endIndex == rest.endIndex ? nil : String(rest[path.endIndex...].dropFirst())
        head.path = path.isEmpty ? head.method == "OPTIONS" ? "*" : "/" : String(path)
        return isEncoded(String(path)) && isEncoded(head.query ?? "")
    }

    /// Whether percent signs are followed by two digits, and what they mean is UTF-8 without NUL.
    private static func isEncoded(_ text: String) -> Bool {
        guard text.contains("%") else { return true }
        var bytes = Array(text.utf8.prefix { $0 != 0x25 })
        for piece in text.split(separator: "%", omittingEmptySubsequences: false).dropFirst() {
            let digits = piece.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let byte = UInt8(digits, radix: 16), byte != 0
            else { return false }
            bytes.append(byte)
            bytes += Array(piece.dropFirst(2).utf8)
        }
        return String(validating: bytes, as: UTF8.self) != nil
    }

    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard HTTPGrammar.host.matches(bytes) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        let colon = text.hasPrefix("[") ? text.lastIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        guard let colon else { return isEncoded(text) }
        let port = text[colon...].drop { $0 == ":" }.drop { $0 == "0" }
        return isEncoded(String(text[..<colon])) && port.count <= 5 && Int(port) ?? 0 <= 65_535
    }

    /// Name in lower case, and value.
    private static func field(_ line: ArraySlice<UInt8>) -> [String]? {
        guard let colon = line.firstIndex(of: 0x3A), HTTPGrammar.token.matches(line[..<colon]) else { return nil }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 32 || first == 9 { value = value.dropFirst() }
        while let last = value.last, last == 32 || last == 9 { value = value.dropLast() }
        guard value.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 }) else { return nil }
        return [String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self)]
    }

    private static func meaning(_ head: inout Head) -> Bool {
        func values(_ name: String) -> [String] { head.fields.filter { $0[0] == name }.map { $0[1] } }
        func items(_ name: String) -> [String] {
            values(name).flatMap { value in
                value.utf8.split(separator: 0x2C, omittingEmptySubsequences: false).map { item in
                    var item = Array(item)
                    while let first = item.first, first == 32 || first == 9 { item.removeFirst() }
                    while let last = item.last, last == 32 || last == 9 { item.removeLast() }
                    return String(decoding: item, as: UTF8.self).lowercased()
                }
            }
        }
        let hosts = values("host")
        guard hosts.count == 1 || hosts.isEmpty && !head.isHTTP11, hosts.allSatisfy({ isHost(Array($0.utf8)[...]) })
        else { return false }
        let lengths = values("content-length")
        if !values("transfer-encoding").isEmpty {
            guard head.isHTTP11, lengths.isEmpty, items("transfer-encoding") == ["chunked"] else { return false }
            head.framing = .chunked
        } else if let length = lengths.first {
            guard lengths.count == 1, !length.isEmpty, length.utf8.allSatisfy({ (48...57).contains($0) }) else {
                return false
            }
            head.framing = .length(Int(length) ?? .max)
        }
        if head.isHTTP11 {
            let expectations = items("expect").filter { !$0.isEmpty }
            guard expectations.allSatisfy({ $0 == "100-continue" }) else { return false }
            head.expectsContinue = !expectations.isEmpty
        }
        let connection = items("connection")
        head.keepsAlive = !connection.contains("close") && (head.isHTTP11 || connection.contains("keep-alive"))
        return true
    }

    // MARK: Chunks

    static func chunks(_ input: ArraySlice<UInt8>, _ limits: Limits) -> Reading<[UInt8]> {
        var rest = input
        var body: [UInt8] = []
        var extensions = 0
        while true {
            guard let feed = rest.firstIndex(of: 10) else { return rest.count > limits.chunkLine ? .refused : .partial }
            let line = rest[..<feed]
            guard line.count <= limits.chunkLine, line.last == 13 else { return .refused }
            let digits = line.prefix { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
            let extra = line.dropLast()[digits.endIndex...]
            let significant = String(decoding: digits.drop { $0 == 48 }, as: UTF8.self)
            guard !digits.isEmpty, significant.count < 15, HTTPGrammar.chunkExtensions.matches(extra) else {
                return .refused
            }
            extensions += extra.count
            let size = significant.isEmpty ? 0 : Int(significant, radix: 16) ?? .max
            guard extensions <= limits.head, size <= limits.body - body.count else { return .refused }
            rest = rest[(feed + 1)...]
            if size == 0 { return trailers(rest, limits, body) }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard lineEnd.starts(with: rest.prefix(2)) else { return .refused }
            guard rest.count >= 2 else { return .partial }
            rest = rest.dropFirst(2)
        }
    }

    private static func trailers(_ input: ArraySlice<UInt8>, _ limits: Limits, _ body: [UInt8]) -> Reading<[UInt8]> {
        var rest = input
        var (size, count) = (0, 0)
        while true {
            guard let feed = rest.firstIndex(of: 10) else {
                return rest.count > limits.head - size ? .refused : .partial
            }
            let line = rest[..<feed]
            guard line.count <= limits.head - size, line.last == 13 else { return .refused }
            rest = rest[(feed + 1)...]
            if line.count == 1 { return .whole(body, rest: rest) }
            size += line.count + 1
            count += 1
            guard field(line.dropLast()) != nil, size <= limits.head, count <= limits.fields else { return .refused }
        }
    }
}
