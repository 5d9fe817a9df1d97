/// Where a server listens and what it allows. Sizes are in bytes, times in milliseconds.
package struct ServerConfiguration: Sendable {
    /// The address or name to listen on; nil listens on no TCP port. `::` takes IPv4 clients too; a name stands for the
    /// first address it resolves to.
    package var host: String? = "127.0.0.1"
    /// The TCP port; 0 lets the system choose.
    package var port: UInt16 = 8080
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

    /// Bodies of requests that are not answered and answers that are not sent, of all connections together: 503.
    package var maxBufferBytes = 1 << 30

    /// Whether HTTP/2 is spoken on the same port.
    package var http2 = true
    /// The most streams of one HTTP/2 connection at once.
    package var maxConcurrentStreams = 100
    /// Bodies and answers of one HTTP/2 connection's streams together; above it its clients have to wait.
    package var maxConnectionBytes = 128 << 20

    /// From a request's first byte to the end of its head: 408.
    package var headTimeout = 10_000
    /// For each 64 KiB of a body, and for what is left of it: 408.
    package var bodyTimeout = 30_000
    /// Between two requests, before the first, and while a client takes nothing of its answer: the connection is closed.
    package var idleTimeout = 75_000
    /// How long a stopping server waits for requests that are on their way to it, on connections without any.
    package var farewellTimeout = 1_000
    /// How long a closing connection waits for the client to close its side, so that it reads the last answer.
    package var lingerTimeout = 2_000

    /// The defaults.
    package init() {}
}

extension ServerConfiguration {
    /// Finds settings that make no sense.
    func validate() throws(HTTPServerError) {
        guard host != nil || unixSocket != nil || !inherited.isEmpty else {
            throw .invalidSetting(name: "host", expected: "a host or a Unix socket to listen on", received: "neither")
        }
        // A head has to hold a request line at the least.
        try check("loops", loops, 1...1024)
        try check("backlog", backlog, 1...Int(Int32.max))
        try check("max_body_bytes", maxBodyBytes, 0...1 << 40)
        try check("max_head_bytes", maxHeadBytes, 64...1 << 30)
        try check("max_target_bytes", maxTargetBytes, 1...1 << 30)
        try check("max_fields", maxFields, 1...1 << 20)
        try check("max_connections", maxConnections, 1...1 << 24)
        try check("max_buffer_bytes", maxBufferBytes, 1...1 << 44)
        try check("max_concurrent_streams", maxConcurrentStreams, 1...1 << 20)
        try check("max_connection_bytes", maxConnectionBytes, 1...1 << 40)
        for (name, value) in [
            ("head_timeout_ms", headTimeout), ("body_timeout_ms", bodyTimeout), ("idle_timeout_ms", idleTimeout),
            ("linger_timeout_ms", lingerTimeout), ("farewell_timeout_ms", farewellTimeout),
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
