import ArgumentParser

/// `dense-serve health`: whether a server is ready, for a container's health check.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Asks a running server whether it is ready.",
        discussion: """
            Without --url it asks the server that the settings file and the environment describe, on this machine.
            Exit status 0 when the answer is 200, else 1.
            """)

    @Option(help: "http://HOST:PORT of the server, or unix:PATH.")
    var url: String?

    @Option(help: "Settings file to read the address from (default: \(SettingsFile.defaultPath), if there is one).")
    var config: String?

    func run() throws {
        let address = try url.map(ServerAddress.init(url:)) ?? ServerAddress(SettingsFile.settings(path: config))
        let status = try HealthClient.readiness(of: address)
        print(status == 200 ? "ready" : "not ready: \(address) answered \(status)")
        guard status == 200 else { throw ExitCode.failure }
    }
}
