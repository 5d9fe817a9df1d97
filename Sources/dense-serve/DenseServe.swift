import ArgumentParser
import Glibc

/// The command line. Exit statuses: 0, 1 when the work failed, 64 when the command line was misused.
@main
struct DenseServe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dense-serve",
        abstract: "Applies Keras Dense layers to tensors: over HTTP, or to a file.",
        discussion: """
            Start here:
              dense-serve serve --port 8080
              dense-serve serve --help          every setting
            """,
        version: version,
        subcommands: [
            ServeCommand.self, PredictCommand.self, InspectCommand.self, HealthCommand.self, TokenCommand.self,
        ])

    static let version = "1.0.0"

    init() {}

    static func main() {
        // A reader that went away is an error of write(), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            leave(with: error)
        }
    }

    /// Prints what there is to say, help to standard output and errors to standard error, and ends the process.
    private static func leave(with error: any Error) -> Never {
        let status = exitCode(for: error)
        let descriptor = status.isSuccess ? STDOUT_FILENO : STDERR_FILENO
        var message = fullMessage(for: error)
        if !message.isEmpty {
            if Terminal.hasColour(descriptor) { message = Terminal.highlighted(message) }
            if !message.hasSuffix("\n") { message += "\n" }
            StandardStream.write(Array(message.utf8), to: descriptor)
        }
        Glibc.exit(status.rawValue)
    }
}
