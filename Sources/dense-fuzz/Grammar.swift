/// A grammar written down as the RFCs do it (RFC 5234), matched in every way there is and without any thought for speed: to
/// compare a parser with.
package struct Grammar: Sendable {
    /// Every place where a match may end that begins at one of these.
    private let ends: @Sendable (Set<Int>, ArraySlice<UInt8>) -> Set<Int>

    /// Whether it matches all of the input.
    package func matches(_ input: ArraySlice<UInt8>) -> Bool {
        ends([input.startIndex], input).contains(input.endIndex)
    }

    static func byte(_ holds: @escaping @Sendable (UInt8) -> Bool) -> Grammar {
        Grammar { starts, input in
            Set(starts.lazy.filter { $0 < input.endIndex && holds(input[$0]) }.map { $0 + 1 })
        }
    }

    static func sequence(_ parts: [Grammar]) -> Grammar {
        Grammar { starts, input in parts.reduce(starts) { $1.ends($0, input) } }
    }

    static func either(_ choices: [Grammar]) -> Grammar {
        Grammar { starts, input in choices.reduce([]) { $0.union($1.ends(starts, input)) } }
    }

    static func many(_ part: Grammar, _ count: ClosedRange<Int>) -> Grammar {
        Grammar { starts, input in
            var found = count.lowerBound == 0 ? starts : []
            var current = starts
            for round in 1...count.upperBound {
                current = part.ends(current, input)
                if round >= count.lowerBound {
                    current.subtract(found)
                    found.formUnion(current)
                }
                if current.isEmpty { break }
            }
            return found
        }
    }
}

extension Grammar {
    /// Exactly these bytes, letter case aside.
    static func text(_ text: String) -> Grammar {
        .sequence(
            text.utf8.map { expected in
                let lower = expected | 0x20
                let isLetter = (0x61...0x7A).contains(lower)
                return .byte { isLetter ? $0 | 0x20 == lower : $0 == expected }
            })
    }

    /// One of these bytes.
    static func any(_ bytes: String) -> Grammar {
        let bytes = Set(bytes.utf8)
        return .byte { bytes.contains($0) }
    }

    static func maybe(_ part: Grammar) -> Grammar { .many(part, 0...1) }
    static func some(_ part: Grammar) -> Grammar { .many(part, 1...Int.max) }
    static func any(_ part: Grammar) -> Grammar { .many(part, 0...Int.max) }
}

/// The grammars of RFC 9110, 9112 and 3986 that the server goes by.
enum HTTPGrammar {
    private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let digits = "0123456789"
    private static let hexadecimal = Grammar.any(digits + "abcdefABCDEF")

    static let token = Grammar.some(.any("!#$%&'*+-.^_`|~" + digits + letters))

    /// `obs-text` and what is visible, with spaces and tabs.
    static let fieldValue = Grammar.any(.byte { $0 == 9 || (0x20...0x7E).contains($0) || $0 >= 0x80 })

    // MARK: RFC 9112, section 7.1

    private static let badWhiteSpace = Grammar.any(.any(" \t"))

    private static let quotedString = Grammar.sequence([
        .text("\""),
        .any(
            .either([
                .byte {
                    $0 == 9 || $0 == 0x20 || $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0)
                        || $0 >= 0x80
                },
                .sequence([.text("\\"), .byte { $0 == 9 || (0x20...0x7E).contains($0) || $0 >= 0x80 }]),
            ])),
        .text("\""),
    ])

    static let chunkExtensions = Grammar.any(
        .sequence([
            badWhiteSpace, .text(";"), badWhiteSpace, token,
            .maybe(.sequence([badWhiteSpace, .text("="), badWhiteSpace, .either([token, quotedString])])),
        ]))

    // MARK: RFC 3986, section 3.2

    private static let h16 = Grammar.many(hexadecimal, 1...4)
    private static let h16Colon = Grammar.sequence([h16, .text(":")])
    private static let octet = Grammar.either([
        .any(digits), .sequence([.any("123456789"), .any(digits)]),
        .sequence([.text("1"), .any(digits), .any(digits)]),
        .sequence([.text("2"), .any("01234"), .any(digits)]), .sequence([.text("25"), .any("012345")]),
    ])
    private static let ipv4 = Grammar.sequence([octet, .text("."), octet, .text("."), octet, .text("."), octet])
    private static let ls32 = Grammar.either([.sequence([h16Colon, h16]), ipv4])

    /// `[ *n( h16 ":" ) h16 ] "::"`
    private static func gap(_ most: Int) -> Grammar {
        .sequence([.maybe(.sequence([most == 0 ? .sequence([]) : .many(h16Colon, 0...most), h16])), .text("::")])
    }

    private static let ipv6 = Grammar.either([
        .sequence([.many(h16Colon, 6...6), ls32]),
        .sequence([.text("::"), .many(h16Colon, 5...5), ls32]),
        .sequence([gap(0), .many(h16Colon, 4...4), ls32]),
        .sequence([gap(1), .many(h16Colon, 3...3), ls32]),
        .sequence([gap(2), .many(h16Colon, 2...2), ls32]),
        .sequence([gap(3), h16Colon, ls32]),
        .sequence([gap(4), ls32]),
        .sequence([gap(5), h16]),
        gap(6),
    ])

    private static let name = Grammar.some(
        .either([
            .any("-._~!$&'()*+,;=" + digits + letters), .sequence([.text("%"), hexadecimal, hexadecimal]),
        ]))

    static let host = Grammar.sequence([
        .either([.sequence([.text("["), ipv6, .text("]")]), name]),
        .maybe(.sequence([.text(":"), .any(.any(digits))])),
    ])
}
