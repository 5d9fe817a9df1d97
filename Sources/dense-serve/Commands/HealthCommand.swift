import ArgumentParser
import HTTPServer

/// `dense-serve health`: whether a server is ready, for a container's health check.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Asks a running server whether it is ready.",
        discussion: """
            Without --url it asks the server that the settings file and the environment describe, on this machine: over its \
            Unix socket, else over HTTP, else over HTTPS. There the server's certificate is not checked unless --ca says by \
            what, and if clients must show a certificate the server's own is shown; where tls_client_ca does not sign that \
            for clients, give --certificate and --key, or the server a unix_socket.
            Exit status 0 when the answer is 200, else 1.
            """)

    @Option(help: "http://HOST:PORT or https://HOST:PORT of the server, or unix:PATH.")
    var url: String?

    @Option(help: "Settings file to read the address from (default: \(SettingsFile.defaultPath), if there is one).")
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Authorities in PEM to check the server's certificate by (default with --url: the system's).",
            valueName: "file"))
    var ca: String?

    @Flag(help: "Does not check the server's certificate.")
    var insecure = false

    @Option(help: ArgumentHelp("Certificate in PEM to show to the server.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, if it is not in the same file.", valueName: "file"))
    var key: String?

    func validate() throws {
        guard ca == nil || !insecure else {
            throw ValidationError("Expected --ca or --insecure, received both.")
        }
        guard key == nil || certificate != nil else {
            throw ValidationError("Expected --certificate with --key, received --key alone.")
        }
    }

    func run() throws {
        let address: ServerAddress
        var tls = TLSClientConfiguration()
        if let url {
            address = try ServerAddress(url: url)
        } else {
            let settings = try SettingsFile.settings(path: config)
            address = ServerAddress(settings)
            tls = settings.healthTLS
        }
        if let ca { tls.trust = .authorities(ca) }
        if insecure { tls.trust = .anybody }
        if let certificate { tls.identity = .init(certificate: certificate, key: key) }
        let status = try HealthClient.readiness(of: address, tls: tls)
        print(status == 200 ? "ready" : "not ready: \(address) answered \(status)")
        guard status == 200 else { throw ExitCode.failure }
    }
}

extension ServerSettings {
    /// How a client on the server's own machine asks it: unchecked, since nothing secret is said, and with what is at hand.
    fileprivate var healthTLS: TLSClientConfiguration {
        var configuration = TLSClientConfiguration()
        configuration.trust = .anybody
        if let tls, tls.clientCertificates == .required {
            configuration.identity = .init(certificate: tls.certificate, key: tls.key)
        }
        return configuration
    }
}
