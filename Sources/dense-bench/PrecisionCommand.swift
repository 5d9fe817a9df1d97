import ArgumentParser
import DenseEngine

/// `dense-bench precision`: what each precision of a layer costs, and how far its answers are from those of float32.
struct PrecisionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "precision",
        abstract: "Measures layers of low precision beside float32: speed and distance.",
        discussion: """
            One layer in each precision. Speed is that of float32 over its own in the same run, with random weights \
            (uniform, as glorot_uniform makes them). The error is the distance of 32 rows' answers from those of \
            float32, for normal inputs: the mean of its sizes and the largest, both over the root of the mean square \
            of float32's answers; for random weights, and for such as training leaves: normal, of features and units \
            that matter more or less, with a few far out.
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
        print(PrecisionResult.table(results))
        print(PrecisionDistance.table(try benchmark.distances()), terminator: "")
    }
}
