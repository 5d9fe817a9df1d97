/// Reads access lists: a client a line,
///
///     TOKEN-HASH ROLE[,ROLE] [NAME]
///     subject:CN=edge-1,O=Acme infer,register edge
///     subject:"CN=edge-2,O=Acme Inc" infer
///     san:DNS:edge-3.example infer
///
/// Blank lines, and lines that begin with `#`, say nothing. Inside quotation marks a backslash keeps what follows it from
/// ending them, and both stay part of the name, as RFC 4514 has them.
package enum AccessListParser {
    /// The longest list, in bytes.
    package static let maximumBytes = 1 << 20
    /// The longest name of a client.
    static let maximumName = 64

    /// Reads a list as a file holds it.
    package static func parse(_ bytes: [UInt8]) throws(AccessListError) -> AccessList {
        guard bytes.count <= maximumBytes else { throw AccessListError(line: 1, reason: .tooLong(limit: maximumBytes)) }
        var entries: [AccessList.Entry] = []
        var lines: [AccessList.Key: Int] = [:]
        var number = 0
        // Some editors begin a file with a mark of its coding.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            do throws(AccessListError.Reason) {
                guard let entry = try entry(line) else { continue }
                if let earlier = lines.updateValue(number, forKey: entry.key) { throw .repeated(line: earlier) }
                entries.append(entry)
                guard entries.count <= AccessList.maximumCount else {
                    throw .tooManyLines(limit: AccessList.maximumCount)
                }
            } catch { throw AccessListError(line: number, reason: error) }
        }
        return AccessList(entries)
    }

    /// Reads a list as a setting holds it: its lines may also be separated by semicolons.
    package static func parse(setting: String) throws(AccessListError) -> AccessList {
        try parse(setting.utf8.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: "\n") : $0 })
    }

    /// What a line says, nil for nothing.
    private static func entry(_ line: ArraySlice<UInt8>) throws(AccessListError.Reason) -> AccessList.Entry? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == tab }), String(validating: line, as: UTF8.self) != nil
        else { throw .notText }
        guard let start = line.firstIndex(where: { $0 != space && $0 != tab }), line[start] != UInt8(ascii: "#") else {
            return nil
        }
        let fields = try fields(of: line[start...]).map { String(decoding: $0, as: UTF8.self) }
        guard (2...3).contains(fields.count) else {
            if fields[0].hasPrefix(AccessToken.prefix) { throw .tokenItself }
            throw .fieldCount(fields.count)
        }
        let key = try key(fields[0])
        guard let roles = AccessRoles(list: fields[1]) else { throw .unknownRole }
        let name = try fields.count == 3 ? name(fields[2], of: key) : key.label
        return AccessList.Entry(key: key, client: AccessList.Client(name: name, roles: roles))
    }

    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")

    /// The words of a line, one at the least; white space inside quotation marks separates none.
    private static func fields(of line: ArraySlice<UInt8>) throws(AccessListError.Reason) -> [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var start: Int?
        var isQuoted = false
        var isEscaped = false
        for (index, byte) in zip(line.indices, line) {
            if !isQuoted, byte == space || byte == tab {
                if let first = start { fields.append(line[first..<index]) }
                start = nil
                continue
            }
            if start == nil { start = index }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else {
                isEscaped = isQuoted && byte == UInt8(ascii: "\\")
            }
        }
        guard !isQuoted else { throw .unclosedQuote }
        if let first = start { fields.append(line[first...]) }
        return fields
    }

    private static func key(_ field: String) throws(AccessListError.Reason) -> AccessList.Key {
        if field.hasPrefix("subject:") { return .subject(try certificateName(field, "subject:")) }
        if field.hasPrefix("san:") { return .alternativeName(try certificateName(field, "san:")) }
        if field.hasPrefix(AccessToken.prefix) { throw .tokenItself }
        guard let digest = TokenDigest(hexadecimal: field) else { throw .unknownKey(byteCount: field.utf8.count) }
        guard digest != hashOfNothing else { throw .hashOfNothing }
        return .token(digest)
    }

    private static let hashOfNothing = TokenDigest(of: "")

    private static func certificateName(
        _ field: String, _ prefix: String
    ) throws(AccessListError.Reason) -> String {
        var name = field.utf8.dropFirst(prefix.utf8.count)
        let quote = UInt8(ascii: "\"")
        if name.count >= 2, name.first == quote, name.last == quote { name = name.dropFirst().dropLast() }
        guard !name.isEmpty else { throw .emptyName(prefix: prefix) }
        return String(decoding: name, as: UTF8.self)
    }

    private static func name(
        _ field: String, of key: AccessList.Key
    ) throws(AccessListError.Reason) -> String {
        guard !field.hasPrefix(AccessToken.prefix), key != .token(TokenDigest(of: field)) else { throw .nameIsToken }
        guard isName(field) else { throw .invalidName(limit: maximumName) }
        return field
    }

    /// Whether a client may be called this.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...maximumName).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !text.hasPrefix(AccessToken.prefix)
    }
}

extension AccessList.Key {
    /// What a client without a name is called: the beginning of the hash, by which its line is found, or the certificate's
    /// name.
    fileprivate var label: String {
        switch self {
        case .token(let digest): "token-" + digest.hexadecimal.prefix(8)
        case .subject(let name), .alternativeName(let name): name
        }
    }
}
