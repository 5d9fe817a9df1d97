/// An address a server listens on or a client comes from.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// A TCP port of an IPv4 or IPv6 address, written without brackets.
    case internet(host: String, port: UInt16)
    /// A Unix socket; clients of one have an empty path.
    case unix(path: String)

    /// The TCP port, nil for a Unix socket.
    package var port: UInt16? {
        switch self {
        case .internet(_, let port): port
        case .unix: nil
        }
    }

    /// Whether only this machine can connect to it: a loopback address (RFC 1122, RFC 4291) or a Unix socket.
    package var isLocal: Bool {
        switch self {
        case .internet(let host, _): host.hasPrefix("127.") || host == "::1"
        case .unix: true
        }
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, or `unix:/path`.
    package var description: String {
        switch self {
        case .internet(let host, let port): host.utf8.contains(ASCII.colon) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// `http://127.0.0.1:8080`, or the description of a Unix socket.
    package var url: String {
        switch self {
        case .internet: "http://\(self)"
        case .unix: description
        }
    }
}
