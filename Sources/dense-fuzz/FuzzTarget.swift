/// A parser to be fuzzed: where inputs come from, and what has to hold for each.
package struct FuzzTarget: Sendable {
    package let name: String
    package let seeds: [[UInt8]]
    /// Pieces of the format that random bytes would rarely make.
    package let tokens: [String]
    /// The same for a format that is not text.
    package var byteTokens: [[UInt8]] = []
    /// Fields with values on the edge, put over others; for formats of fields with places.
    package var overwrites: [[UInt8]] = []
    /// Longer inputs are cut off.
    package var maximumSize = 4_096
    /// Checks what has to hold, and says in a short word what became of the input (`"ok"`, an error's code). Inputs with
    /// a rare outcome are kept and mutated further.
    package let check: @Sendable ([UInt8]) throws(FuzzFailure) -> String
    /// Makes lengths and the like agree again with what a mutation left, so that what lies behind them is reached, too.
    /// Every other input is repaired.
    package var repair: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    /// Runs over the seeds and then `runs` mutated inputs, and says how often each outcome came.
    package func run(count: Int, seed: UInt64) throws(FuzzFailure) -> [String: Int] {
        var mutator = Mutator(
            seeds: seeds, tokens: tokens.map { Array($0.utf8) } + byteTokens, overwrites: overwrites,
            maximumSize: maximumSize, seed: seed)
        var outcomes: [String: Int] = [:]
        for input in seeds { outcomes[try check(input), default: 0] += 1 }
        for _ in 0..<count {
            var input = mutator.next()
            if Bool.random(using: &mutator.random) { input = repair(input) }
            let outcome = try check(input)
            outcomes[outcome, default: 0] += 1
            // What most inputs end in teaches little.
            if outcome == "ok" || Int.random(in: 0..<outcomes[outcome, default: 1], using: &mutator.random) < 8 {
                mutator.keep(input)
            }
        }
        return outcomes
    }
}

/// Something that has to hold for every input did not for this one.
package struct FuzzFailure: Error, CustomStringConvertible {
    package let reason: String
    package let input: [UInt8]

    package init(_ reason: String, _ input: [UInt8]) {
        self.reason = reason
        self.input = input
    }

    package var description: String {
        let hex = input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(reason)\ntext: \(String(decoding: input, as: UTF8.self))\nhex: \(hex)"
    }
}
