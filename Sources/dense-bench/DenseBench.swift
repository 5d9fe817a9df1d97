import ArgumentParser

/// The command line. Exit statuses: 0, 1 when a bound was exceeded or the work failed, 64 when the command line was
/// misused.
@main
struct DenseBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dense-bench",
        abstract: "Measures the engine against this machine's limits, checks its accuracy, measures JSON and servers.",
        subcommands: [
            EngineCommand.self, PrecisionCommand.self, ActivationsCommand.self, JSONCommand.self, LoadCommand.self,
            StartCommand.self,
            SoakCommand.self, KillsCommand.self,
            BodiesCommand.self, TableCommand.self,
        ])
}
