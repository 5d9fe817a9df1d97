internal import HTTPServer

/// Every setting of `dense-serve serve` with its default. This is the one list: the configuration file, the
/// environment, the flags, `--help` and the README's table are all made from `ServerSettings.all`.
package struct ServerSettings: Hashable, Sendable {
    package var host = "127.0.0.1"
    package var port = 8080
    package var grpcPort = 0
    package var tlsPort = 8443
    package var tlsCertificate = ""
    package var tlsKey = ""
    package var tlsClientCA = ""
    package var tlsClientCertificates = "none"
    package var tlsMinVersion = "1.2"
    package var tlsOnly = false
    package var unixSocket = ""
    package var reusePort = false
    package var models = ServerSettings.defaultModels
    package var watch = false
    package var data = ""
    package var modelName = ""
    package var healthRoute = ""
    package var predictRoute = ""
    package var workers = 0
    package var loops = 0
    package var maxBodyBytes = 64 << 20
    package var maxHeadBytes = 64 << 10
    package var maxTargetBytes = 8 << 10
    package var maxConnections = 20_000
    package var maxConnectionsPerAddress = 0
    package var maxBufferBytes = 1 << 30
    package var maxRefusalRate = 2_000
    package var http2 = true
    package var maxConcurrentStreams = 100
    package var maxConnectionBytes = 128 << 20
    package var maxQueueRequests = 4_096
    package var maxQueueBytes = 1 << 30
    package var maxBatchRows = 64
    package var maxQueueDelay = 0
    package var maxModelBytes = 8 << 30
    package var headTimeout = 10_000
    package var bodyTimeout = 30_000
    package var minBodyRate = 2_048
    package var sendTimeout = 30_000
    package var minSendRate = 2_048
    package var idleTimeout = 75_000
    package var requestTimeout = 60_000
    package var farewellTimeout = 1_000
    package var drainDelay = 0
    package var drainTimeout = 30_000
    package var compressMinBytes = 2_048
    package var allowNonFiniteJSON = false
    package var timingHeaders = true
    package var accessLog = true
    package var tokensFile = ""
    package var tokens = ""
    package var maxFailedAttempts = 20
    package var allowOpenRegistration = false
    package var corsOrigins = ""
    package var corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    package var corsHeaders = ServerSettings.defaultCORSHeaders
    package var corsMaxAge = 600
    package var logLevel = "info"
    package var logFormat = "auto"

    package init() {}

    /// The folder of models that may be missing, because nobody asked for it.
    package static let defaultModels = "config/models"

    /// Every field a client of the API may want to send.
    private static let defaultCORSHeaders =
        "Accept, Authorization, Content-Encoding, Content-Type, X-API-Key, X-Request-Id, X-Request-Priority, "
        + "X-Request-Timeout-Ms, X-Tensor-Dtype, X-Tensor-Shape"

    private static let milliseconds = 1...86_400_000

    package static let all: [Setting] = [
        Setting("host", .text(\.host), "Address or name to listen on; empty for no TCP"),
        Setting("port", .integer(\.port, 0...65_535), "TCP port; 0 picks a free one, which is printed"),
        Setting(
            "grpc_port", .integer(\.grpcPort, 0...65_535),
            "One more TCP port that does all that port does, for gRPC clients that want another; 0 for none"),
        Setting(
            "tls_certificate", .text(\.tlsCertificate),
            "Certificate in PEM, with the chain behind it, to speak HTTPS with; empty for none"),
        Setting("tls_key", .text(\.tlsKey), "The certificate's private key in PEM; empty if it is in the same file"),
        Setting("tls_port", .integer(\.tlsPort, 0...65_535), "TCP port of HTTPS; 0 picks a free one"),
        Setting("tls_only", .flag(\.tlsOnly), "HTTPS alone: no clear text over TCP"),
        Setting(
            "tls_min_version",
            .choice(\.tlsMinVersion, TLSConfiguration.Version.allCases.map(\.rawValue)),
            "Oldest version of TLS that is spoken"),
        Setting(
            "tls_client_certificates",
            .choice(\.tlsClientCertificates, TLSConfiguration.ClientCertificates.allCases.map(\.rawValue)),
            "Whether HTTPS clients may or must show a certificate"),
        Setting(
            "tls_client_ca", .text(\.tlsClientCA), "Authorities in PEM that sign the certificates of clients"),
        Setting(
            "unix_socket", .text(\.unixSocket), "Path of a Unix socket, beside TCP or instead of it; empty for none"),
        Setting(
            "reuse_port", .flag(\.reusePort), "Let other servers of the same user listen on the same TCP port, too"),
        Setting("models", .text(\.models), "Folder of models loaded before the port opens; empty for none"),
        Setting(
            "watch", .flag(\.watch),
            "Load new and changed files of the folder of models while the server runs, and start whatever is in it"),
        Setting(
            "data", .text(\.data),
            "Folder in which registered models, labels and removals outlive the server; empty for memory only"),
        Setting(
            "model_name", .text(\.modelName),
            "Model of requests that name none, and of a file that a host mounts; empty for the only model there is"),
        Setting("health_route", .text(\.healthRoute), "A further path of /ping; empty for none"),
        Setting("predict_route", .text(\.predictRoute), "A further path of /invocations; empty for none"),
        Setting(
            "workers", .integer(\.workers, 0...1_024),
            "Requests computed at once, and the most threads of a large one; 0 is one per core"),
        Setting("loops", .integer(\.loops, 0...1_024), "Event loops; 0 is one per core"),
        Setting(
            "max_body_bytes", .integer(\.maxBodyBytes, 1...1 << 40), unit: "bytes",
            "Longest request body, as it comes and decompressed (413)"),
        Setting(
            "max_head_bytes", .integer(\.maxHeadBytes, 1_024...16 << 20), unit: "bytes",
            "Longest request line and header fields (431)"),
        Setting(
            "max_target_bytes", .integer(\.maxTargetBytes, 64...1 << 20), unit: "bytes", "Longest request target (414)"),
        Setting("max_connections", .integer(\.maxConnections, 1...1_000_000), "Open connections (503)"),
        Setting(
            "max_connections_per_address", .integer(\.maxConnectionsPerAddress, 0...1_000_000),
            "Open connections from one IPv4 address or IPv6 /64; 0 is any number (503)"),
        Setting(
            "max_buffer_bytes", .integer(\.maxBufferBytes, 1_024...1 << 44), unit: "bytes",
            "Bodies of requests until they are answered and answers until they are sent, of all connections (503)"),
        Setting(
            "max_refusal_rate", .integer(\.maxRefusalRate, 0...1_000_000), unit: "per second",
            "Answers 503 of a loop, beyond which refused connections stay unread for up to a second; 0 is any number"),
        Setting("http2", .flag(\.http2), "HTTP/2 beside HTTP/1.1 on the same port"),
        Setting(
            "max_concurrent_streams", .integer(\.maxConcurrentStreams, 1...100_000),
            "Requests at once on one HTTP/2 connection; further streams are refused"),
        Setting(
            "max_connection_bytes", .integer(\.maxConnectionBytes, 1_024...1 << 40), unit: "bytes",
            "Bodies and answers of one HTTP/2 connection; above it the client has to wait"),
        Setting("max_queue_requests", .integer(\.maxQueueRequests, 1...1_000_000), "Requests waiting or running (503)"),
        Setting(
            "max_queue_bytes", .integer(\.maxQueueBytes, 1_024...1 << 44), unit: "bytes",
            "Memory of the requests waiting or running (503)"),
        Setting(
            "max_batch_rows", .integer(\.maxBatchRows, 1...65_536),
            "Rows of one model's waiting requests that are computed as one; 1 computes each request by itself"),
        Setting(
            "max_queue_delay_us", .integer(\.maxQueueDelay, 0...1_000_000), unit: "µs",
            "Time that a batch waits for more requests; 0 lets only those share that wait anyway"),
        Setting(
            "max_model_bytes", .integer(\.maxModelBytes, 0...1 << 50), unit: "bytes",
            "Memory of all registered weights (507)"),
        Setting(
            "head_timeout_ms", .integer(\.headTimeout, milliseconds), unit: "ms", "Time to send a whole head (408)"),
        Setting(
            "body_timeout_ms", .integer(\.bodyTimeout, milliseconds), unit: "ms",
            "Time to send a body, or the part of it that min_body_rate asks for in that time (408)"),
        Setting(
            "min_body_rate", .integer(\.minBodyRate, 0...1 << 30), unit: "bytes/s",
            "Slowest that a long body may come; 0 has every byte renew the time"),
        Setting(
            "send_timeout_ms", .integer(\.sendTimeout, milliseconds), unit: "ms",
            "Time to take an answer, or the part of it that min_send_rate asks for in that time"),
        Setting(
            "min_send_rate", .integer(\.minSendRate, 0...1 << 30), unit: "bytes/s",
            "Slowest that a long answer may be taken; 0 has every byte renew the time"),
        Setting(
            "idle_timeout_ms", .integer(\.idleTimeout, milliseconds), unit: "ms",
            "Time between requests until the connection is closed"),
        Setting(
            "request_timeout_ms", .integer(\.requestTimeout, milliseconds), unit: "ms",
            "Time from a whole request to its answer (504)"),
        Setting(
            "farewell_timeout_ms", .integer(\.farewellTimeout, milliseconds), unit: "ms",
            "Time that a connection without a request has for one on its way when the server stops"),
        Setting(
            "drain_delay_ms", .integer(\.drainDelay, 0...86_400_000), unit: "ms",
            "Time between turning unready and closing the port, for load balancers to notice"),
        Setting(
            "drain_timeout_ms", .integer(\.drainTimeout, 0...86_400_000), unit: "ms",
            "Time that requests in flight have to finish when the server stops"),
        Setting(
            "timing_headers", .flag(\.timingHeaders),
            "Tell in Server-Timing and Dense-Batch where an answer's time went"),
        Setting(
            "compress_min_bytes", .integer(\.compressMinBytes, 0...1 << 40), unit: "bytes",
            "Smallest answer that is compressed for clients that accept it"),
        Setting(
            "allow_non_finite_json", .flag(\.allowNonFiniteJSON), "Read NaN, Infinity, Inf, -Infinity and -Inf in JSON"),
        Setting(
            "tokens_file", .text(\.tokensFile),
            "File of those who are let in, a line each; read again on SIGHUP; with neither it nor tokens everybody is"),
        Setting("tokens", .text(\.tokens), "Lines of such a file, separated by semicolons"),
        Setting(
            "max_failed_attempts", .integer(\.maxFailedAttempts, 0...1_000_000),
            "Unknown tokens from one address in a minute before more of them are answered with 429; 0 is no bound"),
        Setting(
            "allow_open_registration", .flag(\.allowOpenRegistration),
            "Without access control, let models be changed over the network, too"),
        Setting(
            "cors_origins", .text(\.corsOrigins),
            "Origins whose pages may call from a browser, separated by commas, or *; empty for none"),
        Setting("cors_methods", .text(\.corsMethods), "What those pages may do"),
        Setting("cors_headers", .text(\.corsHeaders), "Fields those pages may send"),
        Setting(
            "cors_max_age_s", .integer(\.corsMaxAge, 0...86_400), unit: "s",
            "Time for which a browser need not ask again"),
        Setting("access_log", .flag(\.accessLog), "One log line a request"),
        Setting(
            "log_level", .choice(\.logLevel, ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            "Least important level that is logged"),
        Setting(
            "log_format", .choice(\.logFormat, ["auto", "text", "json"]),
            "auto is text on a terminal and JSON lines elsewhere"),
    ]

    package static func setting(named name: String) -> Setting? {
        all.first { $0.name == name }
    }
}
