import ArgumentParser
import FoundationEssentials

/// `dense-bench load`: how many requests a running server answers, and how fast.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Drives a running server and measures it.",
        discussion: """
            Registers the models load-a to load-d, made from a fixed seed, and sends each shape's request over and \
            over, one shape after the other:

              A  (1, 1, 8)        8 to 4                a request that computes almost nothing
              B  (8, 16, 64)      64 to 32              84 kB of JSON
              C  (32, 128, 256)   256 to 64             10.7 MB of JSON
              D  (1, 1024)        1024 to 1024 to 1024  one row through a big model

            Each connection sends its next request when its answer has come; with --rate requests are due at fixed \
            times, whatever the server does, and the latency counts from then on. Of the answers the first of each \
            connection and every 16th are compared with the engine's own, bit for bit. Server µs are processor time a \
            request. Percentiles are within 0.4 %. Ctrl-C prints what there is.

            Exits with 0 when every answer was right, with 1 when one was not or the server cannot be driven, with 64 \
            when the command line was misused.

            Another server: --endpoint, --check and --no-register, and {shape} stands for a to d in --endpoint.
            Another request: --endpoint PATH --body FILE --content-type TYPE.
            """)

    @Argument(help: "http://HOST[:PORT][/PATH]")
    var url: String

    @OptionGroup var options: LoadOptions

    @Option(help: "Also write the figures to this file, as JSON.")
    var json: String?

    @Option(help: "What the server is called in the JSON file.")
    var server = "dense-serve"

    func validate() throws { try options.validate() }

    func run() throws {
        let address = try LoadAddress(url: url)
        let progress = ProgressLine()
        var results: [LoadResult] = []
        var failure: LoadError?
        do throws(LoadError) {
            try options.session(address).run(progress: progress.show) { results.append($0) }
        } catch {
            failure = error
        }
        progress.clear()
        let report = LoadReport(server: server, url: url, results: results)
        if !results.isEmpty { print(report.text, terminator: "") }
        if let json { try Data(report.json).write(to: URL(filePath: json)) }
        if let failure { throw failure }
        guard results.allSatisfy({ $0.tally.errors == 0 && $0.tally.failure == nil }), !results.isEmpty else {
            throw ExitCode(1)
        }
    }
}
