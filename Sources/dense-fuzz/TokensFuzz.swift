import AccessControl

/// Lists of tokens: whatever the file, there is a list or one line to blame, and nothing the file says is told.
package enum TokensFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(
            name: "tokens", seeds: seeds.map { Array($0.utf8) }, tokens: tokens,
            byteTokens: [[0xEF, 0xBB, 0xBF], [0xC3], [0xF0, 0x9F], [0]], check: check)
    }

    private static let hash = "9ede64eec1b7393c0ff783141f773dfbb84983154599c203f229e0acd87aa584"

    private static let seeds = [
        "# TOKEN-HASH ROLE[,ROLE] [NAME]\n\n\(hash) infer,register ci\n",
        "\(hash.uppercased())\tadmin\r\n" + String(hash.reversed()) + " metrics grafana\r\n",
        "subject:CN=edge-1,O=Acme infer edge\nsubject:\"CN=edge 2,O=A \\\"c\\\" me\" infer\nsan:DNS:a.example register",
        "dsk_HUrHRMrzj5sVoQYOovqHNeNrP_ck20yM1zOvptzPWFU infer\n",
    ]

    private static let tokens = [
        "\n", "\r\n", "\r", " ", "\t", "#", ",", ";", "\"", "\\", "\\\"", ":", "subject:", "san:", "subject:\"", "DNS:",
        "infer", "register", "metrics", "admin", "infer,register", "dsk_", "0", "ff", hash, String(hash.prefix(63)),
        "CN=a,O=b", "\u{301}", "é",
    ]

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let list: AccessList
        do throws(AccessListError) { list = try AccessListParser.parse(input) } catch {
            let lineCount = input.count { $0 == UInt8(ascii: "\n") } + 1
            guard (1...lineCount).contains(error.line) else { throw FuzzFailure("a line that is not there", input) }
            return "\(error.reason)".prefix { $0 != "." } + ""
        }
        for entry in list.entries {
            guard !entry.client.roles.isEmpty, !entry.client.name.isEmpty,
                entry.client.name.utf8.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\t") })
            else { throw FuzzFailure("a client without roles or a proper name", input) }
            let found =
                switch entry.key {
                case .token(let digest): list.client(digest)
                case .subject(let name): list.client(subject: name, alternativeNames: [])
                case .alternativeName(let name): list.client(subject: "", alternativeNames: [name])
                }
            guard found == entry.client else { throw FuzzFailure("a client is somebody else", input) }
        }
        // Blank lines, comments and the ends of lines mean nothing.
        let spaced = input.flatMap { $0 == UInt8(ascii: "\n") ? Array("\n# x\n \t\r\n".utf8) : [$0] }
        guard (try? AccessListParser.parse(spaced))?.entries == list.entries else {
            throw FuzzFailure("with comments between its lines it is another list", input)
        }
        return list.entries.isEmpty ? "nobody" : "ok"
    }
}
