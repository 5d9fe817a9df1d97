import ArgumentParser
import DenseEngine
import DenseKernelTable

/// `--instruction-set`, which both commands have.
struct InstructionSetOption: ParsableArguments {
    @Option(help: "avx512, avx2 or baseline; the best this CPU has unless given.")
    var instructionSet: String?

    /// - Throws: `UnsupportedCPU` when the CPU is too old for any, `ValidationError` when it lacks the one asked for.
    func kernels() throws -> KernelTable {
        try Kernels.requireSupportedCPU()
        guard let instructionSet else { return Kernels.current }
        guard let table = Kernels.available.first(where: { "\($0.instructionSet)" == instructionSet }) else {
            let names = Kernels.available.map { "\($0.instructionSet)" }.joined(separator: ", ")
            throw ValidationError(
                "--instruction-set is not one this CPU runs. Expected one of \(names), received \(instructionSet).")
        }
        return table
    }
}
