import ContentCoding

/// The decoders of content codings: whatever the bytes are, what comes out stays within the limit, and is the same when
/// it is coded and decoded once more. The first byte of an input says which codings it is read as.
package enum CodingFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(name: "coding", seeds: seeds, tokens: tokens, check: check)
    }

    /// Small, so that inputs reach it.
    private static let limit = 32 << 10

    private static let chains: [[ContentCoding]] =
        ContentCoding.allCases.map { [$0] }
        + [[.gzip, .zstd], [.zstd, .deflate], [.deflate, .gzip], [.gzip, .gzip, .gzip]]

    private static let seeds: [[UInt8]] = {
        let texts = [
            Array(#"{"input":[[1.5,2,3]],"model":"m"}"#.utf8), [UInt8](repeating: 0x30, count: 4_000),
            [UInt8](repeating: 7, count: 40_000), (0..<600).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31) },
        ]
        var seeds: [[UInt8]] = []
        for (index, chain) in chains.enumerated() {
            for text in texts {
                var coded = text
                for coding in chain { coded = ContentEncoder.encode(coded, coding) ?? coded }
                seeds.append([UInt8(index)] + coded)
            }
        }
        return seeds
    }()

    private static let tokens = [
        "\u{1F}", "\0\0\0\0", "PK", "(", "\u{2}", "x", "\u{3}\0", "\u{1}\u{4}\0", "\u{5}\0\0\0",
    ]

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        guard let first = input.first else { return "empty" }
        let chain = chains[Int(first) % chains.count]
        var decoded: [UInt8] = []
        do throws(ContentCodingError) {
            decoded = try ContentDecoder.decode(Array(input.dropFirst()), chain, limit: limit)
        } catch {
            guard !error.description.isEmpty else { throw FuzzFailure("an error without a sentence", input) }
            return "\(chain.last?.rawValue ?? "") \(word(error))"
        }
        guard decoded.count <= limit else { throw FuzzFailure("\(decoded.count) bytes came out", input) }
        // What the encoder makes of it leads back.
        for coding in ContentCoding.allCases {
            guard let coded = ContentEncoder.encode(decoded, coding) else { continue }
            guard let again = try? ContentDecoder.decode(coded, [coding], limit: limit), again == decoded else {
                throw FuzzFailure("\(coding.rawValue) does not lead back", input)
            }
        }
        return "ok"
    }

    private static func word(_ error: ContentCodingError) -> String {
        switch error {
        case .unsupported: "unsupported"
        case .tooMany: "too many"
        case .corrupt(_, let reason): "corrupt: \(reason)"
        case .truncated: "truncated"
        case .trailingBytes: "trailing"
        case .tooLarge: "too large"
        case .noRoom: "no room"
        case .outOfMemory: "out of memory"
        }
    }
}
