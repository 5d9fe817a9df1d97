import ArgumentParser
import FoundationEssentials
import Glibc

/// `dense-bench json`: the cost of numbers in JSON.
struct JSONCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "json",
        abstract:
            "Measures what a number costs to read from JSON and to write, or checks the writing of every float32.",
        discussion: """
            Documents are tensors of 256 numbers a row, in several styles: with 7 significant digits, as float64 with \
            up to 17, whole numbers up to 7 and 2 digits, with exponents, and half of them zero as relu leaves them. \
            Reading is from text to float32, writing the other way, on one thread and on two, each beside what copying \
            the text takes and beside another implementation: simdjson's On-Demand interface for reading, std::to_chars \
            for writing.

            With --exhaustive, every one of the 2^32 float32 is written and what was written is compared with \
            std::to_chars: the length of its digits, and the value it reads back as, bit for bit. It takes some \
            minutes. Exits with 1 when one is wrong.

            Figures of a busy machine mean little.
            """)

    @Option(help: "Also write the figures to this file, as JSON.")
    var json: String?

    @Option(help: "Measure only the styles that have this in their name.")
    var filter: String?

    @Option(help: "Seconds for each figure.")
    var seconds = 0.3

    @Option(help: "How many numbers a document has: rounded up to whole rows of 256.")
    var numbers = 1 << 20

    @Flag(help: "Check the writing of all 2^32 float32 instead.")
    var exhaustive = false

    @Option(help: "How many threads check.")
    var threads = 2

    func validate() throws {
        guard seconds > 0, seconds <= 60 else {
            throw ValidationError("--seconds is out of range. Expected more than 0 and up to 60, received \(seconds).")
        }
        guard (1...(1 << 26)).contains(numbers) else {
            throw ValidationError("--numbers is out of range. Expected 1 to 67108864, received \(numbers).")
        }
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads is out of range. Expected 1 to 1024, received \(threads).")
        }
    }

    func run() throws {
        if exhaustive { return try check() }
        let benchmark = JSONBenchmark(numbers: numbers, seconds: seconds)
        let styles = NumberStyle.allCases.filter { style in filter.map(style.rawValue.contains) ?? true }
        var results: [JSONResult] = []
        write(TextTable.line(JSONReport.title, widths: JSONReport.widths))
        for style in styles {
            for result in try benchmark.run(style) {
                results.append(result)
                write(TextTable.line(JSONReport.cells(result), widths: JSONReport.widths))
            }
        }
        if let json { try Data(JSONReport.json(results)).write(to: URL(filePath: json)) }
    }

    private func check() throws {
        let result = FloatTextCheck(stride: 1, threads: threads).run { done, seconds in
            let left = seconds / done * (1 - done)
            write("\(Int(done * 100)) % after \(seconds.fixed(0)) s, about \(left.fixed(0)) s left")
        }
        write("\(result.checked) floats in \(result.seconds.fixed(1)) s, \(result.wrong.count) wrong")
        for wrong in result.wrong.prefix(20) { write("  \(wrong)") }
        guard result.wrong.isEmpty else { throw ExitCode(1) }
    }

    /// A line appears when it is known, into a file too.
    private func write(_ line: String) {
        print(line)
        fflush(nil)
    }
}
