/// Where a client finds a server.
package enum ServerAddress: Hashable, Sendable {
    case internet(host: String, port: String)
    case unix(path: String)

    /// Reads `http://HOST:PORT`, with IPv6 in brackets and a path that is not looked at, or `unix:PATH`.
    ///
    /// - Throws: `HealthError.invalidURL`.
    package init(url: String) throws(HealthError) {
        if url.hasPrefix("unix:") {
            self = .unix(path: String(url.dropFirst("unix:".count)))
            return
        }
        guard url.hasPrefix("http://") else { throw .invalidURL(url) }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
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
        let port = afterHost.isEmpty ? "80" : afterHost.dropFirst()
        guard UInt16(port) != nil else { throw .invalidURL(url) }
        self = .internet(host: String(host), port: String(port))
    }

    /// The address at which a server with these settings answers on its own machine.
    package init(_ settings: ServerSettings) {
        if settings.host.isEmpty {
            self = .unix(path: settings.unixSocket)
        } else {
            let host =
                switch settings.host {
                case "0.0.0.0": "127.0.0.1"
                case "::": "::1"
                default: settings.host
                }
            self = .internet(host: host, port: String(settings.port))
        }
    }
}

extension ServerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
