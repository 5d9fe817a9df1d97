import ArgumentParser

/// `dense-bench kills`: whether a server's data folder outlives the server.
struct KillsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kills",
        abstract: "Kills a server again and again while its models change, and looks for what it had acknowledged.",
        discussion: """
            Starts the program with a data folder of its own, registers, labels, adapts and removes models from several clients at \
            once, kills the process (SIGKILL) at a random moment, starts it again, and compares: every version, label, \
            adapter and removal that was acknowledged has to be there, what was under way has to be there as a whole or not at all, \
            each version has to compute what was registered, and no version's number may come back.

            Exits with 1 at the first difference, and leaves the data folder for a look.
            """)

    @Option(help: "How often.")
    var kills = 1_000

    @Option(help: "Clients that change models at the same time.")
    var clients = 3

    @Option(help: "Milliseconds until the kill, at most.")
    var within = 60

    @Option(help: "The data folder; a new one in /tmp unless given. It has to be empty.")
    var data: String?

    @Argument(help: "The program, dense-serve.")
    var program: String

    func validate() throws {
        guard (1...1_000_000).contains(kills) else {
            throw ValidationError("--kills is out of range. Expected 1 to 1000000, received \(kills).")
        }
        guard (1...64).contains(clients) else {
            throw ValidationError("--clients is out of range. Expected 1 to 64, received \(clients).")
        }
        guard (1...60_000).contains(within) else {
            throw ValidationError("--within is out of range. Expected 1 to 60000, received \(within).")
        }
    }

    func run() throws {
        let progress = ProgressLine()
        defer { progress.clear() }
        var run = try KillRun(program: program, folder: data, clients: clients, within: within)
        let faults = try run.run(kills: kills, progress: progress.show)
        progress.clear()
        print(run.summary)
        for fault in faults { print("fault: \(fault)") }
        guard faults.isEmpty else { throw ExitCode(1) }
        print("all is well")
    }
}
