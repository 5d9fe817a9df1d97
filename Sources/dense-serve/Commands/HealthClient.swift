import Glibc
package import HTTPServer

/// Why a server's health is unknown.
package enum HealthError: Error, Hashable, Sendable {
    case invalidURL(String)
    case unknownHost(String)
    case socketPathTooLong(String)
    /// A system call failed; `reason` is the system's word for it.
    case unreachable(address: String, reason: String)
    /// The first bytes of what came are no HTTP status line.
    case noStatusLine(address: String)
    case tls(address: String, TLSClientError)
}

extension HealthError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidURL(let url):
            "The URL cannot be used. Expected http://HOST:PORT, https://HOST:PORT or unix:PATH, received '\(url)'."
        case .unknownHost(let host): "The host is unknown. Expected a name or an address, received '\(host)'."
        case .socketPathTooLong(let path):
            "The socket's path is too long. Expected at most \(HealthClient.maximumPathLength) bytes, received "
                + "\(path.utf8.count)."
        case .unreachable(let address, let reason): "The server at \(address) does not answer: \(reason)."
        case .noStatusLine(let address): "The server at \(address) does not speak HTTP."
        case .tls(let address, let error): "The server at \(address) cannot be asked. \(error)"
        }
    }
}

/// The smallest HTTP client that can ask for `/health/ready`: one connection, one request, the status.
package enum HealthClient {
    static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Connecting, sending and receiving may each take this long.
    private static let timeout = timeval(tv_sec: 2, tv_usec: 0)

    /// The status of `GET /health/ready`.
    ///
    /// - Parameter tls: for an address of HTTPS.
    package static func readiness(
        of address: ServerAddress, tls: TLSClientConfiguration = TLSClientConfiguration()
    ) throws(HealthError) -> Int {
        let descriptor =
            switch address {
            case .http(let host, let port), .https(let host, let port): try connect(host: host, port: port, address)
            case .unix(let path): try connect(path: path, address)
            }
        defer { close(descriptor) }
        let request = Array("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard case .https(let host, _) = address else {
            guard StandardStream.write(request, to: descriptor) else { throw failure(address) }
            return try status(address) { chunk throws(HealthError) in
                while true {
                    let count = unsafe read(descriptor, &chunk, chunk.count)
                    if count < 0 && errno == EINTR { continue }
                    guard count >= 0 else { throw failure(address) }
                    return count
                }
            }
        }
        let client: TLSClient
        do throws(TLSClientError) {
            client = try TLSClient(tls, host: host, over: descriptor)
            try client.write(request)
        } catch { throw .tls(address: address.description, error) }
        return try status(address) { chunk throws(HealthError) in
            do throws(TLSClientError) { return try client.read(into: &chunk) } catch {
                throw .tls(address: address.description, error)
            }
        }
    }

    /// Reads `HTTP/1.1 200` and what follows it, which is not looked at: closing before it came would look to the server
    /// as if the client had gone.
    private static func status(
        _ address: ServerAddress, read: (inout [UInt8]) throws(HealthError) -> Int
    ) throws(HealthError) -> Int {
        var start: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = try read(&chunk)
            if count == 0 { break }
            if start.count < 12 { start += chunk[..<count] }
        }
        let text = String(decoding: start.prefix(12), as: UTF8.self)
        guard text.hasPrefix("HTTP/1."), let status = Int(text.suffix(3)) else {
            throw .noStatusLine(address: address.description)
        }
        return status
    }

    private static func connect(host: String, port: String, _ address: ServerAddress) throws(HealthError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, port, &hints, &list) == 0 else { throw .unknownHost(host) }
        defer { unsafe freeaddrinfo(list) }
        var reason = errno
        var entry = unsafe list
        while let info = unsafe entry?.pointee {
            let descriptor = socket(unsafe info.ai_family, Int32(SOCK_STREAM.rawValue), 0)
            setTimeouts(descriptor)
            if unsafe Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
            reason = errno
            close(descriptor)
            unsafe entry = info.ai_next
        }
        throw failure(address, reason)
    }

    private static func connect(path: String, _ address: ServerAddress) throws(HealthError) -> Int32 {
        guard path.utf8.count <= maximumPathLength else { throw .socketPathTooLong(path) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        setTimeouts(descriptor)
        let status = unsafe withUnsafePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let reason = errno
            close(descriptor)
            throw failure(address, reason)
        }
        return descriptor
    }

    private static func setTimeouts(_ descriptor: Int32) {
        var timeout = timeout
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(
                descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static func failure(_ address: ServerAddress, _ number: Int32 = errno) -> HealthError {
        .unreachable(address: address.description, reason: unsafe String(cString: strerror(number)))
    }
}
