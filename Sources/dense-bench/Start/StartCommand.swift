import ArgumentParser
import FoundationEssentials

/// `dense-bench start`: how long a server takes to start.
struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Measures the time from starting a server to its first answer, and its idle memory.",
        discussion: """
            Starts the program, asks for a path until the answer is 200, looks at the memory 0.3 s later, ends the \
            program, and does it again. In the arguments {port} stands for a free port; a program alone gets the \
            arguments of dense-serve:

              dense-bench start .build/release/dense-serve
              dense-bench start --port 8001 --path / -- python3 -m http.server 8001
            """)

    @Option(help: "How often it is started.")
    var runs = 10

    @Option(help: "The port it listens at, where that is not {port}.")
    var port: UInt16?

    @Option(help: "What is asked for.")
    var path = "/health/ready"

    @Option(help: "Seconds a start may take.")
    var timeout = 30.0

    @Option(help: "Also write the figures to this file, as JSON.")
    var json: String?

    @Option(help: "What the server is called in the report; the program's name unless given.")
    var server: String?

    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.")
    var command: [String]

    func validate() throws {
        guard (1...1000).contains(runs) else {
            throw ValidationError("--runs is out of range. Expected 1 to 1000, received \(runs).")
        }
        guard timeout > 0, timeout <= 3600 else {
            throw ValidationError(
                "--timeout is out of range. Expected more than 0 and up to 3600, received \(timeout).")
        }
        guard path.hasPrefix("/") else {
            throw ValidationError("--path is no path. Expected /..., received \(path).")
        }
    }

    func run() throws {
        var command = command
        if command.first == "--" { command.removeFirst() }
        guard !command.isEmpty else { throw ValidationError("There is no program to start.") }
        if command.count == 1 {
            command += ["serve", "--port", port.map(String.init) ?? "{port}", "--access-log", "false"]
        }
        let progress = ProgressLine()
        defer { progress.clear() }
        let result = try StartMeasurement(command: command, port: port, path: path, timeout: timeout)
            .run(times: runs, progress: progress.show)
        progress.clear()
        let server = server ?? command.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        print(result.text(server: server), terminator: "")
        if let json { try Data(result.json(server: server)).write(to: URL(filePath: json)) }
    }
}
