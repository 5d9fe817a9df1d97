import ArgumentParser
import DenseEngine
import DenseKernelTable
import FoundationEssentials

/// `dense-bench engine`: the engine's speed beside the machine's limits.
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measures products, stacks and activations, and how much of this machine's limits they reach.",
        discussion: """
            First come the machine's own limits: float32 multiply-adds between registers, and reading memory in \
            four streams from each cache and from DRAM, on one thread and on two. Then products with bias and relu over warm \
            data, on one thread, and on two when one takes more than 0.3 ms: the best and the middle time of a call, \
            and the percentage of the limit that bounds the size, its arithmetic (FMA) or one reading of its input, \
            kernel and output from where they fit (L1 to DRAM); both are measured again beside each product, since a machine's \
            clock changes within seconds. Then the packing of a kernel beside a copy of it. Then \
            whole calls of stacks of layers, run as one plan and layer by layer, on as many threads as pay; percent is of \
            the arithmetic's limit on two. Then activations over 4,096 values, with the copy of their inputs: percent is of the L1 read bandwidth.

            OpenBLAS (cblas_sgemm) and oneDNN (dnnl_sgemm), each followed by a loop for bias and relu, are measured \
            beside, where they are installed (Debian: libopenblas0-pthread, libdnnl2).

            Everything takes about 35 seconds. Figures of a busy machine mean little.
            """)

    @Option(help: "Also write the figures to this file, as JSON.")
    var json: String?

    @Option(help: "Measure only what has this in its name, as 1x1024x1024, x1024, stack/, gelu or softmax/64.")
    var filter: String?

    @Option(help: "Measure this product (rows x features x units, as 32x784x128) and nothing else; may be repeated.")
    var product: [ProductSize] = []

    @Option(help: "Seconds for each figure.")
    var seconds = 0.15

    @Flag(inversion: .prefixedNo, help: "Measure OpenBLAS and oneDNN too.")
    var peers = true

    @OptionGroup var instructionSet: InstructionSetOption

    func validate() throws {
        guard seconds > 0, seconds <= 60 else {
            throw ValidationError("--seconds is out of range. Expected more than 0 and up to 60, received \(seconds).")
        }
    }

    func run() throws {
        let report = try EngineBenchmark(
            kernels: instructionSet.kernels(), seconds: seconds, comparesPeers: peers, filter: filter,
            products: product.isEmpty ? nil : product
        ).run()
        print(report.text, terminator: "")
        if let json {
            try Data(report.json).write(to: URL(filePath: json))
        }
    }
}

extension ProductSize: ExpressibleByArgument {
    /// From its name; `nil` for anything else, and for a product too large for a benchmark.
    init?(argument: String) {
        let sizes = argument.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard sizes.count == 3, sizes.allSatisfy({ (1...1 << 20).contains($0) }) else { return nil }
        self.init(sizes[0], sizes[1], sizes[2])
        guard name == argument, bytes <= 1 << 30 else { return nil }
    }
}
