import AccessControl
import DenseService
import HTTPServer
import Logging

/// Puts access control before the service, as the settings say.
struct AccessSetup {
    private let settings: ServerSettings
    private let logger: Logger
    private let gate: AccessGate
    private let policy: CORSPolicy?
    private let isOpen: Bool

    /// - Parameter reloads: gets the list, to be read again.
    init(_ settings: ServerSettings, reloads: Reloads, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        policy = try CORSPolicy(
            origins: settings.corsOrigins, methods: settings.corsMethods, headers: settings.corsHeaders,
            maxAge: settings.corsMaxAge)
        let source = AccessSource(file: settings.tokensFile, setting: settings.tokens)
        let gate = AccessGate(
            list: try source?.read(logger: logger), allowsOpenRegistration: settings.allowOpenRegistration,
            failuresPerMinute: settings.maxFailedAttempts)
        if let source { reloads.add("tokens") { gate.replace(try source.read(logger: logger)) } }
        isOpen = source == nil
        self.gate = gate
    }

    /// All that requests pass on their way to the service.
    func handler(before service: Service) -> any HTTPHandler {
        let handler = AccessHandler(
            gate, metrics: service.metrics.access, next: ContentCodingHandler(service),
            aliases: settings.service.aliases)
        let next: any HTTPHandler = policy.map { CORSHandler($0, next: handler) } ?? handler
        return GRPCHandler(service, gate, metrics: service.metrics.access, next: next)
    }

    /// Says where anybody in the network is let in. That is nowhere that a client must show a certificate.
    ///
    /// - Parameter urls: what clients call the addresses.
    func warn(of addresses: [SocketAddress], urls: [String]) {
        guard isOpen else { return }
        let asksAll = settings.tls?.clientCertificates == .required
        for (address, url) in zip(addresses, urls)
        where !address.isLocal && !(asksAll && url.hasPrefix("https:")) {
            logger.warning(
                """
                anybody who reaches this address is let in: set tokens_file, or listen on 127.0.0.1; \
                models can be changed over it only if allow_open_registration is true
                """,
                metadata: [
                    "address": "\(url)", "allow_open_registration": "\(settings.allowOpenRegistration)",
                ])
        }
    }
}
