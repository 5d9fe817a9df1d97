/// A deterministic source of random numbers (SplitMix64), so that every failure can be repeated from its seed.
package struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Makes inputs out of others: a few random edits, tokens of the format among them.
package struct Mutator {
    package var random: FuzzRandom
    private var corpus: [[UInt8]]
    private let seedCount: Int
    private let tokens: [[UInt8]]
    private let maximumSize: Int
    private let overwrites: [[UInt8]]

    /// - Parameter overwrites: put over as many bytes in most edits, for formats whose fields have places.
    package init(
        seeds: [[UInt8]], tokens: [[UInt8]], overwrites: [[UInt8]] = [], maximumSize: Int = 4_096, seed: UInt64
    ) {
        self.maximumSize = maximumSize
        self.overwrites = overwrites
        random = FuzzRandom(seed: seed)
        corpus = seeds
        seedCount = seeds.count
        self.tokens = tokens
    }

    /// Takes an input into the corpus, in place of an earlier one once there are many. The seeds stay.
    package mutating func keep(_ input: [UInt8]) {
        if corpus.count < seedCount + 512 {
            corpus.append(input)
        } else {
            corpus[Int.random(in: seedCount..<corpus.count, using: &random)] = input
        }
    }

    package mutating func next() -> [UInt8] {
        var input = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            if !overwrites.isEmpty, Int.random(in: 0..<4, using: &random) > 0 {
                overwrite(&input)
            } else {
                edit(&input)
            }
        }
        return Array(input.prefix(maximumSize))
    }

    private mutating func edit(_ input: inout [UInt8]) {
        let at = Int.random(in: 0...input.count, using: &random)
        let end = min(input.count, at + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0 where at < input.count: input[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where at < input.count: input[at] = .random(in: .min ... .max, using: &random)
        case 2: input.insert(.random(in: .min ... .max, using: &random), at: at)
        case 3: input.removeSubrange(at..<end)
        case 4: input.insert(contentsOf: input[at..<end], at: at)
        case 5: input.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: at)
        case 6: input.replaceSubrange(at..<end, with: tokens.randomElement(using: &random) ?? [])
        case 7: input.removeSubrange(at...)
        default:
            let other = corpus.randomElement(using: &random) ?? []
            let cut = Int.random(in: 0...other.count, using: &random)
            input.replaceSubrange(at..., with: other[cut...])
        }
    }

    /// Leaves everything where it is and changes some bytes: a bit, a field, or a stretch from elsewhere in the input.
    private mutating func overwrite(_ input: inout [UInt8]) {
        // Most of what matters in a long file is small; where bytes are not zero there is something.
        var at = Int.random(in: 0...max(0, input.count - 1), using: &random)
        if Bool.random(using: &random) { at = input[at...].firstIndex { $0 != 0 } ?? at }
        guard at < input.count else { return }
        var field: [UInt8]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: field = [input[at] ^ 1 << UInt8.random(in: 0..<8, using: &random)]
        case 1:
            let size = Int.random(in: input.count - 1...input.count + 1, using: &random)
            field = (0..<8).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }
            field.removeLast(Bool.random(using: &random) ? 4 : 0)
        case 2:
            let from = Int.random(in: 0..<input.count, using: &random)
            field = Array(input[from..<min(input.count, from + Int.random(in: 1...40, using: &random))])
        default: field = overwrites.randomElement(using: &random) ?? []
        }
        let count = min(field.count, input.count - at)
        input.replaceSubrange(at..<at + count, with: field[..<count])
    }
}
