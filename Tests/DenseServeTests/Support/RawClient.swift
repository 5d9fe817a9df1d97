import Glibc
import Testing

/// One connection to a server on this machine, without any HTTP library.
final class RawClient {
    let descriptor: Int32

    /// - Parameter address: as the server printed it: `http://127.0.0.1:PORT`, `http://[::1]:PORT`, `unix:PATH`, or
    ///   `https://...`, to speak TLS over.
    init(_ address: String) throws {
        if address.hasPrefix("unix:") {
            descriptor = try Self.connect(path: String(address.dropFirst("unix:".count)))
        } else {
            let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
            descriptor = try Self.connect(port: port, isVersion6: address.contains("["))
        }
        // A test that waits for ever says nothing.
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        try #require(count == bytes.count)
    }

    /// Sends all of it, or as much as the server takes before it closes the connection.
    func sendWhileTaken(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Whether something has come.
    var hasReceived: Bool {
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 1
    }

    /// The status of the answer to a request, whatever becomes of sending it; nil without one.
    func status(of request: String) -> String? {
        sendWhileTaken(request)
        var bytes = [UInt8](repeating: 0, count: 12)
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_WAITALL))
        return count == bytes.count ? String(decoding: bytes.suffix(3), as: UTF8.self) : nil
    }

    /// Closes the sending side.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the connection off: the server sees a reset.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        var unspecified = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
        _ = unsafe Glibc.connect(descriptor, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// All that comes until the server closes the connection.
    func receiveToEnd() -> String {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += chunk[..<count]
        }
    }

    /// Sends a request whose answers are all equally long so many times, and takes the answers, unseen but the first.
    func repeatExchange(_ request: String, count: Int) throws {
        try send(request)
        var rest = try receive(through: "}").utf8.count * (count - 1)
        try send(String(repeating: request, count: count - 1))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while rest > 0 {
            let count = unsafe recv(descriptor, &chunk, min(rest, chunk.count), 0)
            try #require(count > 0)
            rest -= count
        }
    }

    /// What comes up to and with `end`, byte by byte so that nothing behind it is taken.
    func receive(through end: String) throws -> String {
        var result = ""
        while !result.hasSuffix(end) {
            var byte: UInt8 = 0
            try #require(unsafe recv(descriptor, &byte, 1, 0) == 1, "the server sent only: \(result)")
            result.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return result
    }

    /// One request on a connection of its own; the whole response.
    static func exchange(_ address: String, _ method: String, _ path: String, body: String = "") throws -> String {
        let client = try RawClient(address)
        try client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return client.receiveToEnd()
    }

    private static func connect(port: UInt16, isVersion6: Bool) throws -> Int32 {
        if isVersion6 {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            name.sin6_addr = in6addr_loopback
            return try connect(AF_INET6, name)
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return try connect(AF_INET, name)
    }

    private static func connect(path: String) throws -> Int32 {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return try connect(AF_UNIX, name)
    }

    private static func connect<Name>(_ family: Int32, _ name: Name) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let status = unsafe withUnsafeBytes(of: name) { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) {
                unsafe Glibc.connect(descriptor, $0.baseAddress, socklen_t(MemoryLayout<Name>.size))
            }
        }
        try #require(status == 0, "cannot connect: \(unsafe String(cString: strerror(errno)))")
        return descriptor
    }
}
