import Glibc

/// The server's end of TLS on one socket: shakes hands, then moves bytes. Confined to its event loop's thread.
final class TLSSession {
    /// How far it has come.
    private enum Phase {
        case silent
        case handshake
        case open(TLSDetails)
        case over
    }

    private let session: OpenSSLSession
    private let descriptor: Int32
    private let counters: TLSCounters
    private var phase = Phase.silent
    /// Whether receiving can go on only when something can be sent.
    private(set) var waitsToSend = false
    /// What was met behind bytes that had to be given out first.
    private var deferred: OpenSSLSession.Step?
    /// Whether there are bytes to receive, or something else to learn, that the socket does not tell of. A part of a record
    /// is none.
    private(set) var hasPending = false

    /// A session with what the server has now. Nil when there is no memory for it.
    init?(_ contexts: TLSContexts, descriptor: Int32) {
        guard let session = OpenSSLSession(contexts.current, acceptingFrom: descriptor) else { return nil }
        self.session = session
        self.descriptor = descriptor
        counters = contexts.counters
    }

    /// Whoever goes away in the middle of a handshake is counted.
    deinit { fail(.closed) }

    /// Whether the handshake is not complete yet, nor given up.
    var isShakingHands: Bool {
        switch phase {
        case .silent, .handshake: true
        case .open, .over: false
        }
    }

    /// What is known of the session once the handshake is complete.
    var details: TLSDetails? {
        if case .open(let details) = phase { return details }
        return nil
    }

    var isHTTP2: Bool { session.isHTTP2 }

    // MARK: Receiving

    /// What came of receiving.
    enum Received {
        case transfer(Socket.Transfer)
        /// The client speaks HTTP without TLS; nothing has been received yet.
        case clearText
    }

    /// Goes on with the handshake, then receives at most as many bytes as fit.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        if case .silent = phase {
            guard let isClearText else { return .transfer(.wouldBlock) }
            if isClearText {
                fail(.clearText)
                return .clearText
            }
            phase = .handshake
        }
        if case .handshake = phase, let transfer = shakeHands() { return .transfer(transfer) }
        guard case .open = phase else { return .transfer(.failed) }
        hasPending = false
        waitsToSend = false
        if let step = deferred.take() { return .transfer(settle(step)) }
        var count = 0
        repeat {
            let step = unsafe session.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            guard case .bytes(let more) = step else {
                if count == 0 { return .transfer(settle(step)) }
                if case .wantsToRead = step { return .transfer(.bytes(count)) }
                deferred = step
                break
            }
            count += more
        } while count < buffer.count && session.hasPending
        hasPending = deferred != nil || session.hasPending
        return .transfer(.bytes(count))
    }

    /// Nil when the handshake is complete.
    private func shakeHands() -> Socket.Transfer? {
        let step = session.shakeHands()
        guard case .bytes = step else { return settle(step) }
        waitsToSend = false
        // A ticket may be older than the certificate in it was going to live.
        if session.peerHasExpired {
            fail(.clientCertificate)
            return .failed
        }
        let details = session.details
        phase = .open(details)
        counters.completed(details)
        return nil
    }

    private func settle(_ step: OpenSSLSession.Step) -> Socket.Transfer {
        waitsToSend = false
        switch step {
        case .bytes(let count): return .bytes(count)
        case .wantsToRead: return .wouldBlock
        case .wantsToWrite:
            waitsToSend = true
            return .wouldBlock
        case .closed: return .end
        case .truncated:
            if details != nil { counters.truncated.add(1) } else { fail(.closed) }
            return .end
        case .disconnected:
            fail(.closed)
            return .failed
        case .failed(let failure):
            if details != nil { counters.failed(failure) }
            fail(failure)
            return .failed
        }
    }

    /// Whether the client's first byte is a letter, which no handshake begins with; nil while there is none.
    private var isClearText: Bool? {
        var first: UInt8 = 0
        switch SystemCallResult.of({ unsafe recv(descriptor, &first, 1, Int32(MSG_PEEK)) }) {
        case .value(1): return (0x41...0x5A).contains(first)
        case .failed(EAGAIN): return nil
        // The end, or an error: the session finds out.
        default: return false
        }
    }

    // MARK: Sending

    /// Sends at most one record.
    func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Transfer {
        guard case .open = phase else { return .failed }
        return switch unsafe session.write(bytes) {
        case .bytes(let count): .bytes(count)
        case .wantsToWrite: .wouldBlock
        // Reading first, as a renegotiation would need, is never asked for: there are none.
        case .wantsToRead, .closed, .truncated, .disconnected, .failed: .failed
        }
    }

    /// Tells the client that nothing follows, if there is anybody who would understand.
    func close() {
        guard case .open = phase else { return }
        session.close()
        phase = .over
    }

    /// Gives a handshake up.
    func fail(_ failure: TLSFailure) {
        if isShakingHands { counters.failed(failure) }
        phase = .over
    }
}
