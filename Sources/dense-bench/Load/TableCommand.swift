import ArgumentParser
import DenseEngine
import FoundationEssentials
import TensorCoding

/// `dense-bench table`: several servers' figures side by side.
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Prints the figures of several servers as one table.",
        discussion: """
            Takes the files that --json of dense-bench load and of dense-bench start wrote. The ratio is that of the \
            first server's requests a second to those of the server in the row.
            """)

    @Argument(help: "The files, one server's after the other's.")
    var files: [String]

    func run() throws {
        var comparison = LoadComparison()
        for file in files {
            guard let data = try? Data(contentsOf: URL(filePath: file)) else {
                throw LoadError.unreadable(file: file, reason: "it does not exist, or may not be read")
            }
            guard let value = try? ConfigValue(json: Array(data)), comparison.add(value) else {
                throw LoadError.unreadable(file: file, reason: "it is no report of dense-bench load or start")
            }
        }
        print(comparison.text, terminator: "")
    }
}
