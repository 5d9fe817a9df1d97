import ArgumentParser

/// `dense-serve serve`: runs the server until a signal stops it.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the HTTP server.",
        usage: "dense-serve serve [--config FILE] [--SETTING VALUE ...]",
        discussion: """
            Every setting comes from the settings file, the environment (DENSE_ and the name in capitals) or a flag; the \
            later of these wins. SIGTERM and SIGINT stop the server once the requests in flight are answered; a second \
            signal stops it at once, with status 1. SIGUSR2 starts the program anew and leaves the ports to it. Listening \
            sockets can be passed on as systemd does (LISTEN_FDS); they take the place of host, port and unix_socket.

            SETTINGS:
            \(SettingsHelp.terminal)
            """)

    @Option(
        help: ArgumentHelp("Settings file (default: \(SettingsFile.defaultPath), if there is one).", valueName: "file"))
    var config: String?

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func run() throws {
        let settings: ServerSettings
        do {
            settings = try SettingsFile.settings(path: config, arguments: flags)
        } catch  where error.isUsageError {
            throw ValidationError(error.description)
        }
        ServerProcess(settings: settings, inheritance: try Inheritance.take()).run()
    }
}
