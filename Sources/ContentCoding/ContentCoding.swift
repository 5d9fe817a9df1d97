/// A way to compress what HTTP carries (RFC 9110, section 8.4.1; zstd is RFC 8878's).
package enum ContentCoding: String, CaseIterable, Hashable, Sendable {
    /// Best first: what is chosen where a client likes several alike.
    case zstd, gzip, deflate

    /// The names a client may use, lower case.
    private static let names: [String: ContentCoding] = [
        "zstd": .zstd, "gzip": .gzip, "x-gzip": .gzip, "deflate": .deflate,
    ]

    /// More codings than this on one body are refused: each is work, and nobody has use for them.
    package static let maximumCount = 3

    /// The coding of this name, letter case aside.
    package init?(name: some StringProtocol) {
        guard let coding = Self.names[name.lowercased()] else { return nil }
        self = coding
    }

    /// What `Content-Encoding` says, in the order the codings were applied. `identity` is none.
    ///
    /// - Parameter fields: the values of the field, one for each time it was given.
    /// - Throws: `unsupported`, `tooMany`.
    package static func list(_ fields: [String]) throws(ContentCodingError) -> [ContentCoding] {
        var codings: [ContentCoding] = []
        for field in fields {
            for item in field.split(separator: ",", omittingEmptySubsequences: true) {
                let name = item.trimmed
                if name.isEmpty || name.lowercased() == "identity" { continue }
                guard let coding = ContentCoding(name: name) else { throw .unsupported(String(name.prefix(100))) }
                codings.append(coding)
                guard codings.count <= maximumCount else { throw .tooMany(limit: maximumCount) }
            }
        }
        return codings
    }
}

extension StringProtocol {
    /// Without the spaces and tabs around it.
    var trimmed: SubSequence {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
