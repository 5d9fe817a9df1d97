import AccessControl
import Testing
import dense_fuzz

@Suite("The list of those who are let in")
struct AccessListParserTests {
    private static let hash = TokenDigest(of: "secret").hexadecimal
    private static let other = TokenDigest(of: "other").hexadecimal

    @Test("tokens, subjects and alternative names are read, comments and blank lines passed over")
    func reads() throws {
        let list = try AccessListParser.parse(
            Array(
                """
                \u{FEFF}# a comment

                  \(Self.hash)   infer,register\tci\r
                \(Self.other.uppercased()) admin
                \t# subject:x infer
                subject:CN=edge-1,O=Acme infer edge
                subject:"CN=edge 2,O=A\\"B" metrics
                san:DNS:a.example register
                """.utf8))
        #expect(
            list.entries.map(\.client.name) == ["ci", "token-d9298a10", "edge", "CN=edge 2,O=A\\\"B", "DNS:a.example"])
        #expect(list.client(TokenDigest(of: "secret"))?.roles == [.infer, .register])
        #expect(list.client(TokenDigest(of: "other"))?.roles == .admin)
        #expect(list.client(TokenDigest(of: "Secret")) == nil)
        #expect(list.client(subject: "CN=edge-1,O=Acme", alternativeNames: [])?.name == "edge")
        #expect(list.client(subject: "CN=edge 2,O=A\\\"B", alternativeNames: ["DNS:a.example"])?.roles == .metrics)
        #expect(list.client(subject: "CN=x", alternativeNames: ["DNS:b", "DNS:a.example"])?.roles == .register)
        #expect(list.client(subject: "DNS:a.example", alternativeNames: ["CN=edge-1,O=Acme"]) == nil)
    }

    @Test(
        "a line that cannot be used is named, and what is wrong with it",
        arguments: [
            ("\(hash)", .fieldCount(1)), ("\(hash) infer ci more", .fieldCount(4)),
            ("\(hash.dropLast()) infer", .unknownKey(byteCount: 63)),
            ("x\(hash.dropLast()) infer", .unknownKey(byteCount: 64)),
            ("dsk_abc infer", .tokenItself), ("dsk_abc", .tokenItself),
            ("\(TokenDigest(of: "").hexadecimal) infer", .hashOfNothing),
            ("subject: infer", .emptyName(prefix: "subject:")),
            ("san:\"\" infer", .emptyName(prefix: "san:")), ("subject:\"CN=a infer", .unclosedQuote),
            ("\(hash) infr", .unknownRole), ("\(hash) infer,", .unknownRole), ("\(hash) Infer", .unknownRole),
            ("\(hash) infer dsk_abc", .nameIsToken), ("\(hash) infer secret", .nameIsToken),
            ("\(hash) infer né", .invalidName(limit: 64)),
            ("\(hash) infer \(String(repeating: "n", count: 65))", .invalidName(limit: 64)),
            ("\(hash) infer\u{7}", .notText), ("\(other) infer", .repeated(line: 1)),
        ] as [(String, AccessListError.Reason)])
    func refuses(line: String, reason: AccessListError.Reason) {
        #expect(throws: AccessListError(line: 3, reason: reason)) {
            try AccessListParser.parse(Array("\(Self.other) infer\n\n\(line)\n".utf8))
        }
        // It may be a token, so it is not shown; the sentence is short and the same for all.
        let text = "\(AccessListError(line: 3, reason: reason))"
        #expect(text.hasPrefix("Line 3: ") && text.contains("Expected") && text.contains("received"))
        #expect(!text.contains(Self.hash) && !text.contains("dsk_abc"))
    }

    @Test("bytes that are no text, and lists that are too long, are refused")
    func limits() {
        #expect(throws: AccessListError(line: 1, reason: .notText)) {
            try AccessListParser.parse([0xFF, 0xFE])
        }
        #expect(throws: AccessListError(line: 1, reason: .tooLong(limit: 1 << 20))) {
            try AccessListParser.parse(Array(repeating: UInt8(ascii: "\n"), count: 1 << 20 + 1))
        }
        let many = (0...4_096).map { "\(TokenDigest(of: "\($0)").hexadecimal) infer\n" }.joined()
        #expect(throws: AccessListError(line: 4_097, reason: .tooManyLines(limit: 4_096))) {
            try AccessListParser.parse(Array(many.utf8))
        }
    }

    @Test("a setting's lines may be separated by semicolons")
    func setting() throws {
        let list = try AccessListParser.parse(setting: " \(Self.hash) infer a; ;\(Self.other) admin b\n")
        #expect(list.entries.map(\.client.name) == ["a", "b"])
    }

    @Test("mutated lists are read, or one line of them is blamed")
    func fuzz() throws {
        let outcomes = try TokensFuzz.target.run(count: 20_000, seed: 20_261_122)
        #expect(outcomes["ok", default: 0] > 500)
        #expect(outcomes.count > 10)
    }
}
