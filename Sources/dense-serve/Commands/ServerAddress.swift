/// Where a client finds a server.
package enum ServerAddress: Hashable, Sendable {
    case http(host: String, port: String)
    case https(host: String, port: String)
    case unix(path: String)

    /// Reads `http://HOST:PORT` or `https://HOST:PORT`, with IPv6 in brackets and a path that is not looked at, or `unix:PATH`.
    ///
    /// - Throws: `HealthError.invalidURL`.
    package init(url: String) throws(HealthError) {
        if url.hasPrefix("unix:") {
            self = .unix(path: String(url.dropFirst("unix:".count)))
            return
        }
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else { throw .invalidURL(url) }
        let authority = url.dropFirst((isSecure ? "https://" : "http://").count).prefix { $0 != "/" }
        let afterHost: Substring
        let host: Substring
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { throw .invalidURL(url) }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            afterHost = authority[authority.index(after: bracket)...]
        } else {
            host = authority.prefix { $0 != ":" }
            afterHost = authority[host.endIndex...]
        }
        guard !host.isEmpty, afterHost.isEmpty || afterHost.hasPrefix(":") else { throw .invalidURL(url) }
        let port = afterHost.isEmpty ? (isSecure ? "443" : "80") : String(afterHost.dropFirst())
        guard UInt16(port) != nil else { throw .invalidURL(url) }
        self = isSecure ? .https(host: String(host), port: port) : .http(host: String(host), port: port)
    }

    /// The address at which a server with these settings answers on its own machine: its Unix socket, which needs no
    /// network, or HTTP, or HTTPS if there is nothing else.
    package init(_ settings: ServerSettings) {
        guard settings.unixSocket.isEmpty else {
            self = .unix(path: settings.unixSocket)
            return
        }
        let host =
            switch settings.host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: settings.host
            }
        self =
            settings.tlsOnly
            ? .https(host: host, port: String(settings.tlsPort)) : .http(host: host, port: String(settings.port))
    }
}

extension ServerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .http(let host, let port): "http://\(Self.authority(host, port))"
        case .https(let host, let port): "https://\(Self.authority(host, port))"
        case .unix(let path): "unix:\(path)"
        }
    }

    private static func authority(_ host: String, _ port: String) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
