import CEpoll
import Glibc

extension Listener {
    /// Takes over a socket that another process listens on or has listened on. Its backlog stays as it is.
    ///
    /// - Parameter tls: what connections of a socket with the name for TLS begin it with.
    static func inherited(_ socket: InheritedSocket, tls: TLSContexts?) throws(HTTPServerError) -> Listener {
        let number = socket.number
        let isSecure = socket.name == InheritedSocket.tlsName
        if isSecure, tls == nil { throw refusal(of: socket, "one for HTTPS, and no tls_certificate") }
        guard fcntl(number, F_GETFD) >= 0 else { throw refusal(of: socket, "a descriptor that is not open") }
        guard let type = option(number, SO_TYPE) else { throw refusal(of: socket, "a file that is no socket") }
        guard type == Int32(SOCK_STREAM.rawValue) else { throw refusal(of: socket, "a socket for datagrams") }
        guard option(number, SO_ACCEPTCONN) == 1 else { throw refusal(of: socket, "a socket that does not listen") }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        guard status == 0, [AF_INET, AF_INET6, AF_UNIX].contains(Int32(storage.ss_family)) else {
            throw refusal(of: socket, "a socket of another family")
        }
        // The first belongs to all who share the socket, and suits each that does not wait in accept(2).
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        let address = SocketAddress(listening: storage, length: length)
        var file: SocketFile?
        if socket.isOwn, case .unix(let path) = address { file = SocketFile(path: path) }
        return Listener(
            inheriting: FileDescriptor(owning: number), address: address, name: socket.name, isOwn: socket.isOwn,
            file: file, tls: isSecure ? tls : nil)
    }

    private static func refusal(of socket: InheritedSocket, _ received: String) -> HTTPServerError {
        .inheritedSocket(number: socket.number, received: received)
    }

    private static func option(_ number: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(number, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}

extension SocketAddress {
    /// The address of a listening socket, which has a path where a client's has none. An abstract one begins with `@`.
    fileprivate init(listening storage: sockaddr_storage, length: socklen_t) {
        guard Int32(storage.ss_family) == AF_UNIX else {
            self.init(storage)
            return
        }
        var bytes = unsafe withUnsafeBytes(of: storage) { unsafe Array($0.prefix(Int(length)).dropFirst(2)) }
        if let first = bytes.first, first == 0 {
            bytes[0] = UInt8(ascii: "@")
        } else {
            bytes = Array(bytes.prefix { $0 != 0 })
        }
        self = .unix(path: String(decoding: bytes, as: UTF8.self))
    }
}
