import AccessControl
import Testing

@Suite("Tokens")
struct AccessListTests {
    @Test("every token of a list finds its own client, and no other does")
    func lookup() {
        let entries = (0..<300).map { index in
            AccessList.Entry(
                key: .token(TokenDigest(of: "token \(index)")),
                client: AccessList.Client(name: "client \(index)", roles: .infer))
        }
        let list = AccessList(entries)
        for index in 0..<300 { #expect(list.client(TokenDigest(of: "token \(index)"))?.name == "client \(index)") }
        for index in 300..<600 { #expect(list.client(TokenDigest(of: "token \(index)")) == nil) }
        #expect(AccessList().client(TokenDigest(of: "token 1")) == nil)
    }

    @Test("digests that differ in a single bit differ")
    func bits() throws {
        let digits = Array(TokenDigest(of: "token").hexadecimal)
        let list = AccessList([
            .init(key: .token(TokenDigest(of: "token")), client: AccessList.Client(name: "a", roles: .infer))
        ])
        for index in digits.indices {
            let value = try #require(digits[index].hexDigitValue)
            for bit in 0..<4 {
                var changed = digits
                changed[index] = Character(String(value ^ 1 << bit, radix: 16))
                let digest = try #require(TokenDigest(hexadecimal: String(changed)))
                #expect(list.client(digest) == nil)
            }
        }
    }

    @Test("the digest is SHA-256")
    func digest() throws {
        // FIPS 180-4's example.
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(TokenDigest(of: "abc").hexadecimal == digits)
        #expect(TokenDigest(hexadecimal: digits.uppercased()) == TokenDigest(of: "abc"))
        #expect(TokenDigest(hexadecimal: digits + "0") == nil)
        #expect(TokenDigest(hexadecimal: digits.dropLast() + "g") == nil)
    }

    @Test("a token has 256 bits that never come again, and its line lists it")
    func token() throws {
        let tokens = (0..<100).map { _ in AccessToken() }
        #expect(Set(tokens.map(\.secret)).count == 100)
        for token in tokens {
            #expect(token.secret.hasPrefix("dsk_") && token.secret.utf8.count == 47)
            let list = try AccessListParser.parse(Array(token.line(role: "infer,metrics", name: "ci").utf8))
            #expect(
                list.client(TokenDigest(of: token.secret)) == AccessList.Client(name: "ci", roles: [.infer, .metrics]))
        }
        // Every character can come at every place, so no bits are lost.
        for place in 4..<46 { #expect(Set(tokens.map { Array($0.secret)[place] }).count > 20) }
    }

    @Test("admin is enough for everything, any other role for itself")
    func roles() {
        for needed in [AccessRoles.infer, .register, .metrics, .admin] {
            for role in [AccessRoles.infer, .register, .metrics, .admin] {
                #expect(role.suffice(forAnyOf: needed) == (role == needed || role == .admin))
            }
            #expect(!AccessRoles().suffice(forAnyOf: needed))
        }
        #expect(AccessRoles(list: "admin,infer")?.names == ["infer", "admin"])
        for text in ["", ",", "infer,", "root", "infer register", "Infer"] { #expect(AccessRoles(list: text) == nil) }
    }
}
