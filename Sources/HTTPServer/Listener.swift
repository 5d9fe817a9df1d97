import CEpoll
import Glibc

/// A socket that connections come in at.
final class Listener: Sendable {
    /// What came of accepting.
    enum Accepted {
        case socket(Socket)
        case nothing
        /// No descriptors or no memory are left.
        case exhausted
    }

    private let descriptor: FileDescriptor
    /// Where it listens.
    let address: SocketAddress
    /// What processes that hand it over call it; empty for nothing. One that speaks TLS is `https`.
    let name: String
    /// Whether it is gone when it is closed here.
    let isOwn: Bool
    /// A Unix socket's file, if it goes with this server.
    let file: SocketFile?
    private let tls: TLSContexts?

    /// Takes over a bound socket and begins to listen. With `tls` its clients have to speak TLS.
    init(
        _ descriptor: consuming FileDescriptor, address: SocketAddress, file: SocketFile? = nil, backlog: Int,
        tls: TLSContexts? = nil
    ) throws(HTTPServerError) {
        self.address = address
        self.file = file
        self.tls = tls
        name = tls == nil ? "" : InheritedSocket.tlsName
        isOwn = true
        self.descriptor = descriptor
        let number = self.descriptor.number
        _ = try SystemCallResult.of { Int(listen(number, Int32(clamping: backlog))) }.get("listen", "\(address)")
    }

    /// Takes over a socket that listens already.
    init(
        inheriting descriptor: consuming FileDescriptor, address: SocketAddress, name: String, isOwn: Bool,
        file: SocketFile?, tls: TLSContexts?
    ) {
        self.address = address
        self.tls = tls
        self.name = name
        self.isOwn = isOwn
        self.file = file
        self.descriptor = descriptor
    }

    var number: Int32 { descriptor.number }
    /// What clients call its address.
    var url: String { tls == nil ? address.url : "https://\(address)" }

    /// Takes the next connection, if there is one.
    func accept() -> Accepted {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    SystemCallResult.of {
                        Int(
                            unsafe accept4(
                                number, address, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)))
                    }
                }
            }
            switch result {
            case .value(let accepted):
                let client = SocketAddress(storage)
                let socket = Socket(
                    FileDescriptor(owning: Int32(accepted)),
                    peer: HTTPPeer(
                        address: client == .unix(path: "") ? "unix" : client.description, isLocal: address.isLocal),
                    network: ClientNetwork(storage), tls: tls)
                if case .internet = address { socket.setNoDelay() }
                return .socket(socket)
            case .failed(EAGAIN): return .nothing
            case .failed(EMFILE), .failed(ENFILE), .failed(ENOBUFS), .failed(ENOMEM): return .exhausted
            // A connection that was gone before it was accepted, or an error of the network: the next one may do.
            case .failed(ECONNABORTED), .failed(EPROTO), .failed(EPERM): continue
            case .failed: return .exhausted
            }
        }
    }
}
