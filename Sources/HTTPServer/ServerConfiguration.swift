/// Where a server listens and what it allows. Sizes are in bytes, times in milliseconds.
package struct ServerConfiguration: Sendable {
    /// The address or name to listen on; nil listens on no TCP port. `::` takes IPv4 clients too; a name stands for the
    /// first address it resolves to.
    package var host: String? = "127.0.0.1"
    /// The TCP port; 0 lets the system choose.
    package var port: UInt16 = 8080
    /// Whether HTTP is spoken in clear text on that port. A Unix socket speaks it in any case.
    package var speaksClearText = true
    /// What HTTPS is made of; nil for none.
    package var tls: TLSContexts?
    /// The TCP port of HTTPS; 0 lets the system choose.
    package var tlsPort: UInt16 = 8443
    /// Further TCP ports, which speak what `port` speaks, or else TLS.
    package var morePorts: [UInt16] = []
    /// The path of a Unix socket, beside or instead of TCP. A stale file is replaced, one that is served is not.
    package var unixSocket: String?
    /// Whether other processes may listen on the same TCP port (SO_REUSEPORT).
    package var reusePort = false
    /// Listening sockets of another process. If there are any, `host` and `unixSocket` are not listened on.
    package var inherited: [InheritedSocket] = []
    /// How many event loops, each a thread.
    package var loops = 1
    /// The longest queue of connections that the system completed and the server has not accepted.
    package var backlog = 1024

    /// The largest body, after the transfer coding is removed: 413.
    package var maxBodyBytes = 64 << 20
    /// The largest head, from the request line to the empty line: 431. Trailers have the same limit.
    package var maxHeadBytes = 64 << 10
    /// The longest target: 414.
    package var maxTargetBytes = 8 << 10
    /// The most header fields: 431.
    package var maxFields = 256
    /// The most connections at once; one more is answered with 503 and closed.
    package var maxConnections = 20_000
    /// The most connections from one IPv4 address or one /64 of IPv6, zero for any number; one more is answered with 503 and
    /// closed. Unix sockets have no address.
    package var maxConnectionsPerAddress = 0

    /// Bodies of requests that are not answered and answers that are not sent, of all connections together: 503.
    package var maxBufferBytes = 1 << 30

    /// Refusals for want of room (503) a second of each event loop, beyond which a connection that is refused rests for up to a
    /// second before it is read from again; zero for any number. A refusal costs about 20 µs.
    package var maxRefusalRate = 2_000

    /// Whether HTTP/2 is spoken on the same port.
    package var http2 = true
    /// The most streams of one HTTP/2 connection at once.
    package var maxConcurrentStreams = 100
    /// Bodies and answers of one HTTP/2 connection's streams together; above it its clients have to wait.
    package var maxConnectionBytes = 128 << 20

    /// From a request's first byte to the end of its head: 408.
    package var headTimeout = 10_000
    /// For the first and each further stretch of a body, which has as many bytes as `minBodyRate` makes of this time: 408.
    package var bodyTimeout = 30_000
    /// Bytes a second that a body must not fall below; zero has every byte renew the time.
    package var minBodyRate = 2_048
    /// For each stretch of an answer, which has as many bytes as `minSendRate` makes of this time: the connection is closed,
    /// or the stream reset.
    package var sendTimeout = 30_000
    /// Bytes a second that taking an answer must not fall below; zero has every byte renew the time.
    package var minSendRate = 2_048
    /// Between two requests, and before the first: the connection is closed.
    package var idleTimeout = 75_000
    /// How long a stopping server waits for requests that are on their way to it, on connections without any.
    package var farewellTimeout = 1_000
    /// How long a closing connection waits for the client to close its side, so that it reads the last answer.
    package var lingerTimeout = 2_000

    /// The defaults.
    package init() {}
}

extension ServerConfiguration {
    /// So many bytes of a body renew its time.
    var bodyStep: Int { max(1, minBodyRate * bodyTimeout / 1_000) }
    /// So many bytes of an answer that a client takes renew its time.
    var sendStep: Int { max(1, minSendRate * sendTimeout / 1_000) }

    /// Finds settings that make no sense.
    func validate() throws(HTTPServerError) {
        guard host != nil || unixSocket != nil || !inherited.isEmpty else {
            throw .invalidSetting(name: "host", expected: "a host or a Unix socket to listen on", received: "neither")
        }
        guard tls == nil || host != nil else {
            throw .invalidSetting(name: "tls_certificate", expected: "a host to speak HTTPS on", received: "none")
        }
        guard speaksClearText || tls != nil else {
            throw .invalidSetting(name: "tls_only", expected: "a certificate to speak HTTPS with", received: "none")
        }
        // A head has to hold a request line at the least.
        try check("loops", loops, 1...1024)
        try check("backlog", backlog, 1...Int(Int32.max))
        try check("max_body_bytes", maxBodyBytes, 0...1 << 40)
        try check("max_head_bytes", maxHeadBytes, 64...1 << 30)
        try check("max_target_bytes", maxTargetBytes, 1...1 << 30)
        try check("max_fields", maxFields, 1...1 << 20)
        try check("max_connections", maxConnections, 1...1 << 24)
        try check("max_connections_per_address", maxConnectionsPerAddress, 0...1 << 24)
        try check("min_body_rate", minBodyRate, 0...1 << 30)
        try check("min_send_rate", minSendRate, 0...1 << 30)
        try check("max_buffer_bytes", maxBufferBytes, 1...1 << 44)
        try check("max_refusal_rate", maxRefusalRate, 0...1_000_000)
        try check("max_concurrent_streams", maxConcurrentStreams, 1...1 << 20)
        try check("max_connection_bytes", maxConnectionBytes, 1...1 << 40)
        for (name, value) in [
            ("head_timeout_ms", headTimeout), ("body_timeout_ms", bodyTimeout), ("idle_timeout_ms", idleTimeout),
            ("send_timeout_ms", sendTimeout), ("linger_timeout_ms", lingerTimeout),
            ("farewell_timeout_ms", farewellTimeout),
        ] {
            try check(name, value, 1...86_400_000)
        }
    }

    private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(HTTPServerError) {
        guard !range.contains(value) else { return }
        throw .invalidSetting(
            name: name, expected: "\(range.lowerBound) to \(range.upperBound)", received: "\(value)")
    }
}
