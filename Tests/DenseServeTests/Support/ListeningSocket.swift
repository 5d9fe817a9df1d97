import Glibc
import Testing

/// A TCP socket that listens on a free port and accepts nothing, as a service manager has it.
final class ListeningSocket {
    let number: Int32
    let address: String

    /// - Parameter isLocal: whether only this machine can connect to it.
    init(isLocal: Bool = true) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(isLocal ? 0x7F00_0001 : 0).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = number
        let status = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                let status = unsafe bind(number, name, length)
                return unsafe status == 0 ? getsockname(number, name, &length) : status
            }
        }
        address = "http://\(isLocal ? "127.0.0.1" : "0.0.0.0"):\(UInt16(bigEndian: name.sin_port))"
        try #require(status == 0 && listen(number, 16) == 0)
    }

    deinit { close(number) }
}

/// The socket of a service manager that wants to be told.
final class NotificationSocket {
    /// As `NOTIFY_SOCKET` has it.
    let name: String
    private let number: Int32

    init(isAbstract: Bool) throws {
        let path = TemporaryFile.freePath(suffix: ".notify")
        name = isAbstract ? "@" + path : path
        number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let bytes = (isAbstract ? [0] : []) + Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let number = number
        let status = unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(number, $0, length) }
        }
        try #require(status == 0)
    }

    deinit {
        close(number)
        if name.hasPrefix("/") { unsafe unlink(name) }
    }

    /// Waits for the next message.
    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(number, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
