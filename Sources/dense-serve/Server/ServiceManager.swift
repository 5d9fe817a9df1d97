import FoundationEssentials
import Glibc

/// Tells systemd, or whoever else started this process and asks for it, what the process is at (sd_notify(3)).
package enum ServiceManager {
    /// Sends lines like `READY=1` to the datagram socket that `NOTIFY_SOCKET` names; nothing without it. Nobody waits:
    /// what cannot be sent at once is not sent.
    package static func notify(_ state: String, socket path: String? = environmentPath) {
        guard let path, path.hasPrefix("/") || path.hasPrefix("@") else { return }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else { return }
        // An abstract name, which has no file.
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(state.utf8)
        _ = unsafe withUnsafePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0,
                    socklen_t(length))
            }
        }
    }

    /// The socket of this process's manager.
    package static var environmentPath: String? { ProcessInfo.processInfo.environment["NOTIFY_SOCKET"] }
}
