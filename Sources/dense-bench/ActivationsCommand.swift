import ArgumentParser
import DenseEngine
import Glibc

/// `dense-bench activations`: the accuracy of the activations.
struct ActivationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activations",
        abstract: "Compares every element-wise activation with float64 and prints the worst error.",
        discussion: """
            Prints a line a function: the largest distance from the float64 value of Keras's formula, in units in \
            the last place of float32, the input it was found at, and the time taken. NaN has to be where float64 \
            has it, infinite inputs included. Exits with 1 when a function is further off than its bound: 2 ulp \
            for exp, tanh, sigmoid, erf, softplus and log1p, 4 for the others.
            """)

    @Flag(help: "All 2^32 float32 inputs, which takes up to a minute a function; else every 8209th.")
    var exhaustive = false

    @Option(help: "The functions to check, by their names in the table, with commas between them; all unless given.")
    var functions: String?

    @Option(help: "How many threads compute.")
    var threads = 2

    @OptionGroup var instructionSet: InstructionSetOption

    func validate() throws {
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads is out of range. Expected 1 to 1024, received \(threads).")
        }
    }

    func run() throws {
        let check = ActivationCheck(
            kernels: try instructionSet.kernels(), stride: exhaustive ? 1 : 8209, threads: threads)
        let chosen = try chosenFunctions()
        var exceeded = 0
        write(TextTable.line(["function", "worst ulp", "bound", "at input", "seconds"], widths: Self.widths))
        for function in chosen {
            let result = check.run(function)
            if !result.isWithin(function.bound) { exceeded += 1 }
            let cells = [
                function.name, result.ulp.fixed(3), function.bound.fixed(0), "\(result.input)",
                result.seconds.fixed(1), result.isWithin(function.bound) ? "" : "EXCEEDED",
            ]
            write(TextTable.line(cells, widths: Self.widths))
        }
        guard exceeded == 0 else { throw ExitCode(1) }
    }

    private func chosenFunctions() throws -> [CheckedFunction] {
        guard let functions else { return CheckedFunction.all }
        return try functions.split(separator: ",").map { name in
            guard let function = CheckedFunction.all.first(where: { $0.name == name }) else {
                let names = CheckedFunction.all.map(\.name).joined(separator: ", ")
                throw ValidationError("--functions has an unknown name. Expected some of \(names), received \(name).")
            }
            return function
        }
    }

    /// A line appears when its function is done, into a file too.
    private func write(_ line: String) {
        print(line)
        fflush(nil)
    }

    private static let widths = [18, -10, -6, -16, -8, -9]
}
