// Feeds a parser mutated inputs and checks what has to hold for each.
//
//     dense-fuzz adapters|chunks|coding|connections|files|grpc|h2|headers|http|json|npy|onnx|tls|tokens|v1|v2 [--runs N] [--seed N]

import Glibc

let targets = [
    AdapterFuzz.target,
    HTTPPartsFuzz.chunks, CodingFuzz.target, ConnectionFuzz.target, FilesFuzz.target(),
    GRPCFuzz.target, HTTP2Fuzz.target, HTTPPartsFuzz.heads, HTTPFuzz.target,
    JSONFuzz.target, NumPyFuzz.target, ONNXFuzz.target, TLSFuzz.target(), TokensFuzz.target,
    ProtocolFuzz.v1, ProtocolFuzz.v2,
]

func value(of option: String, default usual: UInt64) -> UInt64? {
    guard let index = CommandLine.arguments.firstIndex(of: option) else { return usual }
    return index + 1 < CommandLine.arguments.count ? UInt64(CommandLine.arguments[index + 1]) : nil
}

func run(_ target: FuzzTarget, runs: Int, seed: UInt64) -> Bool {
    do throws(FuzzFailure) {
        let outcomes = try target.run(count: runs, seed: seed)
        print("\(target.name): \(outcomes.values.reduce(0, +)) inputs, seed \(seed), nothing found")
        for (outcome, count) in outcomes.sorted(by: { $0.value > $1.value }) { print("  \(outcome): \(count)") }
        return true
    } catch {
        print("\(target.name), seed \(seed): \(error)")
        return false
    }
}

let chosen = targets.first { CommandLine.arguments.dropFirst().first == $0.name }
if let chosen, let runs = value(of: "--runs", default: 1_000_000), let seed = value(of: "--seed", default: 1) {
    if !run(chosen, runs: Int(clamping: runs), seed: seed) { exit(1) }
} else {
    print("usage: dense-fuzz \(targets.map(\.name).joined(separator: "|")) [--runs N] [--seed N]")
    exit(2)
}
