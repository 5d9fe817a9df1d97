import Glibc

/// A client that sends what it is told to, right or wrong, over one TCP connection to this machine.
final class HTTPClient {
    struct Response {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        /// The body as text.
        var text: String { String(decoding: body, as: UTF8.self) }

        /// The first header field of a name, in any case.
        subscript(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    enum Failure: Error {
        case system(String, Int32)
        /// The server closed the connection in the middle of a response, or sent none.
        case closed(received: String)
    }

    private let socket: Int32
    private var received: [UInt8] = []

    init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure.system("socket", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.system("connect", errno) }
        // A server that never answers fails the test instead of hanging it.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    /// Sends a request with `Content-Length` if there is a body, and waits for its response.
    func request(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) throws -> Response {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try send(Array((head + "\r\n").utf8) + (body ?? []))
        return try response(toHead: method == "HEAD")
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes { bytes in
                unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.system("send", errno) }
            sent += count
        }
    }

    /// Makes the connection's end, which comes with the client's, a reset: the client is gone for good.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads one response.
    func response(toHead: Bool = false) throws -> Response {
        while true {
            if let end = headEnd {
                let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
                let status = Int(lines[0].split(separator: " ")[1]) ?? 0
                let headers = lines.dropFirst().map { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    return (name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
                }
                if status == 100 {
                    received.removeFirst(end + 4)
                    continue
                }
                let announced = headers.first { $0.name.lowercased() == "content-length" }?.value
                let length = toHead ? 0 : announced.flatMap { Int($0) } ?? 0
                while received.count < end + 4 + length { try receive() }
                let body = Array(received[(end + 4)..<(end + 4 + length)])
                received.removeFirst(end + 4 + length)
                return Response(status: status, headers: headers, body: body)
            }
            try receive()
        }
    }

    private var headEnd: Int? {
        guard received.count >= 4 else { return nil }
        return (0...received.count - 4).first { received[$0] == 13 && received[$0...].starts(with: [13, 10, 13, 10]) }
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw Failure.closed(received: String(decoding: received, as: UTF8.self)) }
        received += buffer[..<count]
    }
}
