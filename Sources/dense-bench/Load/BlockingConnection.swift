internal import Glibc
internal import HTTPServer

/// A connection of a client that waits, for one thing at a time. Over TLS it takes any certificate.
@safe package final class BlockingConnection {
    private let address: LoadAddress
    private let descriptor: Int32
    private let tls: TLSClient?
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    /// - Parameters:
    ///   - timeout: seconds that sending and receiving may each take.
    ///   - protocols: what ALPN offers where the address speaks TLS; nothing to speak none.
    init(
        _ address: LoadAddress, _ socketAddress: SocketAddress, timeout: Int, protocols: [String] = ["http/1.1"]
    ) throws(LoadError) {
        let (descriptor, failure) = socketAddress.connect(blocking: true)
        guard failure == 0 else { throw .unreachable(address: address.description, reason: systemReason(failure)) }
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        self.address = address
        self.descriptor = descriptor
        guard address.isSecure, !protocols.isEmpty else {
            tls = nil
            return
        }
        var configuration = TLSClientConfiguration()
        configuration.trust = .anybody
        do throws(TLSClientError) {
            tls = try TLSClient(configuration, host: address.host, over: descriptor, protocols: protocols)
        } catch {
            close(descriptor)
            throw .unreachable(address: address.description, reason: "\(error)")
        }
    }

    deinit { close(descriptor) }

    /// Sends it all; false when the other side takes no more.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        if let tls {
            do throws(TLSClientError) { try tls.write(bytes) } catch { return false }
            return true
        }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// What comes next; empty at the end.
    func receive() throws(LoadError) -> [UInt8] {
        let count = try receive(into: &chunk)
        return Array(chunk[..<count])
    }

    /// One byte; nil at the end.
    func receiveByte() throws(LoadError) -> UInt8? {
        var byte: [UInt8] = [0]
        return try receive(into: &byte) == 1 ? byte[0] : nil
    }

    private func receive(into buffer: inout [UInt8]) throws(LoadError) -> Int {
        if let tls {
            do throws(TLSClientError) { return try tls.read(into: &buffer) } catch {
                throw unreachable(error == .timeout ? ETIMEDOUT : ECONNRESET)
            }
        }
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreachable(errno == EAGAIN ? ETIMEDOUT : errno) }
            return count
        }
    }

    /// The next HTTP/1.1 response, and whether the server closes the connection behind it.
    package func response() throws(LoadError) -> (status: Int, body: [UInt8], closes: Bool) {
        var reader = ResponseReader()
        var position = 0
        var status = 0
        var body: [UInt8] = []
        while true {
            do throws(ResponseError) {
                while let event = try reader.next(received.span, &position) {
                    switch event {
                    case .head(let number): status = number
                    case .body(let range): body += received[range]
                    case .end:
                        received.removeFirst(position)
                        return (status, body, reader.closes)
                    }
                }
            } catch {
                throw .noHTTP(address: address.description, error)
            }
            received.removeFirst(position)
            position = 0
            let more = try receive()
            received += more
            guard more.isEmpty else { continue }
            do throws(ResponseError) {
                guard try reader.finish() != nil else { throw .cutShort }
                return (status, body, true)
            } catch {
                throw .noHTTP(address: address.description, error)
            }
        }
    }

    /// Sends no more.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Has the connection end with a reset.
    func resetAtEnd() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    private func unreachable(_ code: Int32) -> LoadError {
        .unreachable(address: address.description, reason: systemReason(code))
    }
}
