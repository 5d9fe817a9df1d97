import Glibc

/// Why a server did not start.
package enum HTTPServerError: Error, Hashable, Sendable {
    /// A setting out of its range.
    case invalidSetting(name: String, expected: String, received: String)
    /// The host does not resolve to an address.
    case unknownHost(String)
    /// Another server listens on this Unix socket.
    case socketInUse(path: String)
    /// The Unix socket's path is not a socket, or too long for the system.
    case invalidSocketPath(path: String, limit: Int)
    /// A descriptor that another process passed on is no listening socket; `received` is what it is.
    case inheritedSocket(number: Int32, received: String)
    /// A system call failed; `subject` is what it was about, an address or a path.
    case system(call: String, subject: String, errno: Int32)
}

extension HTTPServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidSetting(let name, let expected, let received):
            "The setting \(name) is out of range. Expected \(expected), received \(received)."
        case .unknownHost(let host):
            "The host to listen on is unknown. Expected an address or a name that resolves, received \(host)."
        case .socketInUse(let path):
            "The Unix socket is in use. Expected a path nobody listens on, received \(path)."
        case .invalidSocketPath(let path, let limit):
            "The Unix socket's path cannot be used. Expected at most \(limit) bytes and no file of another kind there, "
                + "received \(path)."
        case .inheritedSocket(let number, let received):
            "Descriptor \(number), which another process passed on, cannot be served. Expected a TCP or Unix stream socket "
                + "that listens, received \(received)."
        case .system(let call, let subject, let errno):
            "The server could not listen on \(subject). Expected \(call) to succeed, received: "
                + "\(unsafe String(cString: strerror(errno)))."
        }
    }
}
