import Glibc

/// A connected, non-blocking stream socket, with or without TLS.
///
/// `@unchecked Sendable`: it is handed from the thread that accepts it to its loop's, and has a TLS session only there.
final class Socket: @unchecked Sendable {
    /// What came of receiving or sending.
    enum Transfer: Equatable {
        case bytes(Int)
        /// The other side will send no more.
        case end
        /// Nothing can be moved now.
        case wouldBlock
        /// The connection is broken.
        case failed
    }

    private let descriptor: FileDescriptor
    /// Who is at the other end.
    let peer: HTTPPeer
    private let tls: TLSContexts?
    /// The TLS session; nil in clear text, and once it has ended.
    private(set) var session: TLSSession?

    /// The client's network, nil for a Unix socket.
    let network: ClientNetwork?

    /// - Parameter tls: what its TLS begins with; nil for clear text.
    init(
        _ descriptor: consuming FileDescriptor, peer: HTTPPeer, network: ClientNetwork? = nil, tls: TLSContexts? = nil
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.network = network
        self.tls = tls
    }

    var number: Int32 { descriptor.number }

    /// Lets small answers leave at once. No effect on Unix sockets.
    func setNoDelay() {
        var on: Int32 = 1
        _ = unsafe setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the client is expected to begin with TLS.
    var expectsTLS: Bool { tls != nil }

    /// Prepares for TLS where it is expected. False when there is no memory for it.
    func beginSession() -> Bool {
        guard let tls else { return true }
        session = TLSSession(tls, descriptor: number)
        return session != nil
    }

    /// Receives at most as many bytes as fit.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        if let session {
            switch unsafe session.receive(into: buffer) {
            case .transfer(let transfer): return transfer
            case .clearText: self.session = nil
            }
        }
        return Self.received(SystemCallResult.of({ unsafe recv(number, buffer.baseAddress, buffer.count, 0) }))
    }

    private static func received(_ result: SystemCallResult) -> Transfer {
        switch result {
        case .value(0): .end
        case .value(let count): .bytes(count)
        case .failed(EAGAIN): .wouldBlock
        case .failed: .failed
        }
    }

    /// Receives at most so many bytes and forgets them; nil where that cannot be had without looking at them: over TLS, and
    /// over Unix sockets. The kernel copies none of them.
    func discard(atMost count: Int) -> Transfer? {
        guard network != nil, session == nil, count > 0 else { return nil }
        let most = min(count, Int(Int32.max))
        return Self.received(SystemCallResult.of({ recv(number, nil, most, Int32(MSG_TRUNC)) }))
    }

    /// Sends the bytes of both buffers in one call, as many as are taken. A closed connection raises no signal.
    func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Transfer {
        if let session { return unsafe session.send(first.isEmpty ? second : first) }
        if second.count == 0 {
            // Nearly all answers. The kernel has less to look at.
            return Self.sent(
                SystemCallResult.of({ unsafe Glibc.send(number, first.baseAddress, first.count, Int32(MSG_NOSIGNAL)) }))
        }
        let result = unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
            unsafe parts[0] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
            unsafe parts[1] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
            var message = unsafe msghdr()
            unsafe message.msg_iov = parts.baseAddress
            unsafe message.msg_iovlen = 2
            return SystemCallResult.of({ unsafe sendmsg(number, &message, Int32(MSG_NOSIGNAL)) })
        }
        return Self.sent(result)
    }

    private static func sent(_ result: SystemCallResult) -> Transfer {
        switch result {
        case .value(let count): .bytes(count)
        case .failed(EAGAIN): .wouldBlock
        case .failed: .failed
        }
    }

    /// How much of what was sent the client has not taken yet.
    var untakenCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(number, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Says good-bye by TLS, if that is spoken.
    func endSession() {
        session?.close()
        session = nil
    }

    /// Tells the client that nothing more will be sent. What it still sends is received as it comes.
    func shutdownSending() {
        endSession()
        shutdown(number, Int32(SHUT_WR))
    }
}
