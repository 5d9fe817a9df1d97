internal import Glibc

/// Where the server is, from a URL `http://HOST[:PORT][/PATH]`, or `https://...` where that is allowed. The path is put before
/// every target.
package struct LoadAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// Without a slash at its end.
    package let path: String
    /// Whether it speaks TLS.
    package let isSecure: Bool

    /// - Parameter allowsHTTPS: whether TLS will do.
    /// - Throws: `LoadError.invalidURL`.
    package init(url: String, allowsHTTPS: Bool = false) throws(LoadError) {
        isSecure = allowsHTTPS && url.hasPrefix("https://")
        let scheme = isSecure ? "https://" : "http://"
        guard url.hasPrefix(scheme), !url.contains(where: { $0 == " " || $0 == "?" || $0 == "#" || $0 == "@" }) else {
            throw .invalidURL(url)
        }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        var path = rest[authority.endIndex...]
        while path.last == "/" { path.removeLast() }
        let host: Substring
        let afterHost: Substring
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { throw .invalidURL(url) }
            host = authority[..<bracket].dropFirst()
            afterHost = authority[bracket...].dropFirst()
        } else {
            host = authority.prefix { $0 != ":" }
            afterHost = authority[host.endIndex...]
        }
        guard !host.isEmpty, afterHost.isEmpty || afterHost.first == ":",
            let port = UInt16(afterHost.isEmpty ? isSecure ? "443" : "80" : afterHost.dropFirst()), port > 0
        else { throw .invalidURL(url) }
        self.host = String(host)
        self.port = port
        self.path = String(path)
    }

    /// `HOST:PORT`, as the `Host` field has it.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// `http` or `https`.
    var scheme: String { isSecure ? "https" : "http" }

    /// Asks the system for the address of the host.
    ///
    /// - Throws: `LoadError.unknownHost`.
    func resolve() throws(LoadError) -> SocketAddress {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0, let first = unsafe list else {
            throw .unknownHost(host)
        }
        defer { unsafe freeaddrinfo(list) }
        // A name may have several addresses, of which the first that something listens at is taken.
        var entry: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let info = unsafe entry {
            let address = unsafe SocketAddress(info.pointee)
            if unsafe info.pointee.ai_next == nil { return address }
            let probe = address.connect(blocking: true)
            if probe.failure == 0 {
                close(probe.descriptor)
                return address
            }
            unsafe entry = info.pointee.ai_next
        }
        throw .unknownHost(host)
    }
}

extension LoadAddress: CustomStringConvertible {
    package var description: String { "\(scheme)://\(authority)\(path)" }
}

/// An address as system calls take it.
struct SocketAddress: Sendable {
    private let bytes: [UInt8]
    private let family: Int32

    init(_ info: addrinfo) {
        family = unsafe info.ai_family
        bytes = unsafe Array(UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
    }

    /// Begins a connection that sends without delay. `failure` is 0, `EINPROGRESS`, or why there is none (and then
    /// there is no descriptor).
    func connect(blocking: Bool) -> (descriptor: Int32, failure: Int32) {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | (blocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | flags, 0)
        guard descriptor >= 0 else { return (-1, errno) }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) { address in
                unsafe Glibc.connect(descriptor, address.baseAddress, socklen_t(bytes.count))
            }
        }
        guard status != 0 else { return (descriptor, 0) }
        let code = errno
        if code == EINPROGRESS { return (descriptor, code) }
        close(descriptor)
        return (-1, code)
    }
}

/// The system's words for an error number.
func systemReason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
