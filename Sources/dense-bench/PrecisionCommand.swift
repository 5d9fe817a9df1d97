import ArgumentParser
import DenseEngine

/// `dense-bench precision`: what each precision of a layer costs, and how far its answers are from those of float32.
struct PrecisionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "precision",
        abstract: "Measures layers of low precision beside float32: speed and distance.",
        discussion: """
            One layer of random weights (uniform, as glorot_uniform makes them) and normal inputs, in each precision. \
            Speed is that of float32 over its own in the same run. The distance is that of the answers from those of \
            float32: the root of the mean square, and the largest, both over the root of the mean square of \
            float32's answers.
            """)

    @Option(help: "Features and units of the layer.")
    var size = 4096

    @Option(help: "Rows; may be repeated.")
    var rows = [1, 32]

    @Option(help: "Threads.")
    var threads = 1

    @Option(help: "Seconds for each figure.")
    var seconds = 0.5

    func validate() throws {
        guard (1...16_384).contains(size), rows.allSatisfy({ (1...4_096).contains($0) }), (1...64).contains(threads),
            seconds > 0, seconds <= 60
        else {
            throw ValidationError(
                "Expected --size of 1 to 16384, --rows of 1 to 4096, --threads of 1 to 64 and --seconds of at most 60.")
        }
    }

    func run() throws {
        try Kernels.requireSupportedCPU()
        let benchmark = try PrecisionBenchmark(size: size, threads: threads, budget: seconds)
        let results = try rows.flatMap { try benchmark.run(rows: $0) }
        print("\(size) x \(size), \(threads) threads, integers by \(Int8Kernels.current.instructionSet)")
        print(PrecisionResult.table(results), terminator: "")
    }
}
