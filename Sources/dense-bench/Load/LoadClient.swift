internal import Glibc

/// A client for one request at a time, which waits: what registers models and asks for the first answers.
struct LoadClient {
    private let address: LoadAddress
    private let socketAddress: SocketAddress
    private let timeout: Int

    /// - Parameter timeout: seconds that sending and receiving may each take.
    init(_ address: LoadAddress, _ socketAddress: SocketAddress, timeout: Int) {
        self.address = address
        self.socketAddress = socketAddress
        self.timeout = timeout
    }

    /// Sends one request over a connection of its own and reads the answer.
    func send(_ request: LoadRequest) throws(LoadError) -> (status: Int, body: [UInt8]) {
        let (descriptor, failure) = socketAddress.connect(blocking: true)
        guard failure == 0 else { throw unreachable(failure) }
        defer { close(descriptor) }
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var sent = 0
        while sent < request.bytes.count {
            let count = unsafe request.bytes[sent...].withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            // Whoever refuses a body before its end has said why: that is read below.
            guard count > 0 else { break }
            sent += count
        }
        return try receive(descriptor)
    }

    private func receive(_ descriptor: Int32) throws(LoadError) -> (status: Int, body: [UInt8]) {
        var reader = ResponseReader()
        var bytes: [UInt8] = []
        var position = 0
        var status = 0
        var body: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreachable(errno == EAGAIN ? ETIMEDOUT : errno) }
            bytes.removeFirst(position)
            position = 0
            bytes += chunk[..<count]
            do throws(ResponseError) {
                while let event = try reader.next(bytes.span, &position) {
                    switch event {
                    case .head(let number): status = number
                    case .body(let range): body += bytes[range]
                    case .end: return (status, body)
                    }
                }
                if count == 0 {
                    guard try reader.finish() != nil else { throw .cutShort }
                    return (status, body)
                }
            } catch {
                throw .noHTTP(address: address.description, error)
            }
        }
    }

    private func unreachable(_ code: Int32) -> LoadError {
        .unreachable(address: address.description, reason: systemReason(code))
    }
}
