/// What a server has counted since its start, added up over its loops.
package struct ServerCounters: Sendable {
    /// Connections open now.
    package var openConnections = 0
    /// Connections accepted.
    package var acceptedConnections = 0
    /// Connections answered with 503, or closed, because there were too many.
    package var refusedConnections = 0
    /// The same, because there were too many from their address.
    package var refusedForAddress = 0
    /// How often clients took too long, for what.
    package var timeouts: [ClientTimeout: Int] = [:]
    /// Requests whose head was read.
    package var requests = 0
    /// Bytes of bodies and answers that are counted against `maxBufferBytes`.
    package var bufferBytes = 0
    /// How often there was no room among them.
    package var bufferRefusals = 0
    /// How often a connection that was refused had to rest (`ServerConfiguration.maxRefusalRate`).
    package var rests = 0
    /// HTTP/2 connections ended because they cost more than they brought (`HTTP2FloodGuard`).
    package var floods = 0
    /// What TLS has counted; nil without it.
    package var tls: TLSCounts?
}
