/// Who is at the other end of a connection, as far as its socket knows.
package struct HTTPPeer: Hashable, Sendable {
    /// The client's address, as text: `127.0.0.1:50312`, `[::1]:50312`, or `unix`.
    package let address: String
    /// Whether it came in where only this machine can: at a loopback address or a Unix socket.
    package let isLocal: Bool

    /// A peer at an address.
    package init(address: String, isLocal: Bool) {
        self.address = address
        self.isLocal = isLocal
    }
}
