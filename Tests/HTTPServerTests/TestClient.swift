import Glibc
import HTTPServer

/// A blocking client that gives up after a while, so that a test fails instead of hanging.
class TestClient {
    struct Failure: Error { var call: String, code: Int32 }

    /// One response: its status, its fields with names in lower case, its body.
    struct Response: Equatable {
        var status: Int
        var fields: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let number: Int32
    private var received: [UInt8] = []

    init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        switch address {
        case .internet(let host, let port):
            number = socket(host.contains(":") ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            if let receiveBuffer { Self.set(number, SO_RCVBUF, receiveBuffer) }
            if host.contains(":") {
                var target = sockaddr_in6()
                target.sin6_family = sa_family_t(AF_INET6)
                target.sin6_port = port.bigEndian
                _ = unsafe inet_pton(AF_INET6, host, &target.sin6_addr)
                try Self.connect(number, &target)
            } else {
                var target = sockaddr_in()
                target.sin_family = sa_family_t(AF_INET)
                target.sin_port = port.bigEndian
                _ = unsafe inet_pton(AF_INET, host, &target.sin_addr)
                try Self.connect(number, &target)
            }
        case .unix(let path):
            number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
            try Self.connect(number, &target)
        }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(
                number, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(number) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position...])
                return unsafe Glibc.send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(call: "send", code: errno) }
            position += count
        }
    }

    /// Closes the sending side.
    func finishSending() { shutdown(number, Int32(SHUT_WR)) }

    /// Breaks the connection off: the server sees a reset.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        var unspecified = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
        _ = unsafe Glibc.connect(number, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Everything the server sends until it closes the connection.
    func receiveAll() throws -> [UInt8] {
        while try receiveMore() {}
        defer { received = [] }
        return received
    }

    /// What comes next, nothing at the end.
    func receiveSome() throws -> [UInt8] {
        if received.isEmpty { _ = try receiveMore() }
        defer { received = [] }
        return received
    }

    /// The next response; `isHead` if it answers a HEAD request.
    func response(isHead: Bool = false) throws -> Response {
        while true {
            if let end = headEnd {
                let lines = String(decoding: received[..<(end - 4)], as: UTF8.self).split(separator: "\r\n")
                let status = Int(lines[0].split(separator: " ")[1]) ?? 0
                var fields: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let length = isHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
                while received.count < end + length {
                    guard try receiveMore() else { throw Failure(call: "body cut off", code: 0) }
                }
                defer { received.removeFirst(end + length) }
                return Response(status: status, fields: fields, body: Array(received[end..<end + length]))
            }
            guard try receiveMore() else { throw Failure(call: "no response", code: 0) }
        }
    }

    /// Sends and waits for the response.
    func exchange(_ text: String) throws -> Response {
        try send(text)
        return try response()
    }

    private var headEnd: Int? {
        let end = Array("\r\n\r\n".utf8)
        guard received.count >= 4 else { return nil }
        return (4...received.count).first { received[($0 - 4)..<$0].elementsEqual(end) }
    }

    private func receiveMore() throws -> Bool {
        let bytes = try receiveBytes()
        received += bytes
        return !bytes.isEmpty
    }

    /// What the socket has next, nothing at the end.
    func receiveBytes() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Failure(call: "recv", code: errno) }
        return Array(buffer[..<count])
    }

    private static func set(_ number: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(number, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func connect<Address>(_ number: Int32, _ target: inout Address) throws {
        let length = socklen_t(MemoryLayout<Address>.size)
        let result = unsafe withUnsafeMutablePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(number, $0, length)
            }
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }
}
