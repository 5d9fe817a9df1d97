import CEpoll
import Glibc

extension Listener {
    /// Listens on a TCP port of the host, an address or a name. `::` takes IPv4 clients as well.
    ///
    /// - Parameters:
    ///   - reusesPort: lets other processes of the same user listen there, too.
    ///   - tls: what connections begin TLS with; nil for clear text.
    static func internet(
        host: String, port: UInt16, backlog: Int, reusesPort: Bool = false, tls: TLSContexts? = nil
    ) throws(HTTPServerError) -> Listener {
        let target = try resolve(host, port: port)
        let descriptor = try open(target.family, subject: SocketAddress.internet(host: host, port: port).description)
        let number = descriptor.number
        setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
        if reusesPort { setOption(number, SOL_SOCKET, SO_REUSEPORT, 1) }
        if target.family == AF_INET6 { setOption(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        var storage = target.storage
        let subject = SocketAddress(storage).description
        _ = try bind(number, &storage, target.length).get("bind", subject)
        // The port the system chose, if it was asked to.
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        return try Listener(descriptor, address: SocketAddress(storage), backlog: backlog, tls: tls)
    }

    /// Listens on a Unix socket. A file that is left of a server that is gone is replaced.
    static func unix(path: String, backlog: Int) throws(HTTPServerError) -> Listener {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let limit = MemoryLayout.size(ofValue: address.sun_path) - 1
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= limit, !bytes.contains(ASCII.null) else {
            throw .invalidSocketPath(path: path, limit: limit)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe withUnsafeBytes(of: &address) { unsafe target.copyMemory(from: $0) }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        try removeStaleFile(path, &storage, length, limit: limit)
        let descriptor = try open(AF_UNIX, subject: path)
        _ = try bind(descriptor.number, &storage, length).get("bind", path)
        return try Listener(descriptor, address: .unix(path: path), file: SocketFile(path: path), backlog: backlog)
    }

    /// Removes the socket file at the path if nobody listens on it.
    private static func removeStaleFile(
        _ path: String, _ storage: inout sockaddr_storage, _ length: socklen_t, limit: Int
    ) throws(HTTPServerError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .invalidSocketPath(path: path, limit: limit) }
        let probe = try open(AF_UNIX, subject: path)
        let number = probe.number
        let result = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                SystemCallResult.of { Int(unsafe connect(number, address, length)) }
            }
        }
        guard case .failed(ECONNREFUSED) = result else { throw .socketInUse(path: path) }
        unsafe unlink(path)
    }

    private static func resolve(_ host: String, port: UInt16) throws(HTTPServerError) -> ResolvedAddress {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0, let first = unsafe list else {
            throw .unknownHost(host)
        }
        defer { unsafe freeaddrinfo(list) }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
        }
        return unsafe ResolvedAddress(
            family: first.pointee.ai_family, storage: storage, length: first.pointee.ai_addrlen)
    }

    private struct ResolvedAddress {
        var family: Int32
        var storage: sockaddr_storage
        var length: socklen_t
    }

    private static func open(_ family: Int32, subject: String) throws(HTTPServerError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = try SystemCallResult.of { Int(socket(family, type, 0)) }.get("socket", subject)
        return FileDescriptor(owning: Int32(number))
    }

    private static func bind(
        _ number: Int32, _ storage: inout sockaddr_storage, _ length: socklen_t
    ) -> SystemCallResult {
        unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                SystemCallResult.of { Int(unsafe Glibc.bind(number, address, length)) }
            }
        }
    }

    private static func setOption(_ number: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension SocketAddress {
    /// An address as the system stores it.
    init(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET, AF_INET6:
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
            let length = socklen_t(
                Int32(storage.ss_family) == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
            _ = unsafe withUnsafePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getnameinfo(
                        $0, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV)
                }
            }
            var name = Self.text(host)
            // An IPv4 client of a socket for both versions.
            if name.hasPrefix("::ffff:"), name.utf8.contains(0x2E) { name.removeFirst(7) }
            self = .internet(host: name, port: UInt16(Self.text(port)) ?? 0)
        default: self = .unix(path: "")
        }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
