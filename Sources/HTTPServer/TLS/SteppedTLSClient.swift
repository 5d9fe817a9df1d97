/// The client's end of TLS over a socket that does not block, a step at a time: for fuzzing of the server's end. It takes any
/// certificate.
package final class SteppedTLSClient {
    /// Made once: a context costs more than a handshake.
    private static let contexts = [false, true].map { isModern in
        try? OpenSSLContext(client: nil, insecure: true, certificate: nil, isModern: isModern)
    }

    private let session: OpenSSLSession
    /// Whether the handshake is complete.
    package private(set) var isOpen = false
    /// Whether there is nothing more to come.
    package private(set) var hasEnded = false

    /// A client that has said nothing yet; nil when there is no memory for it. It speaks TLS 1.3 or only 1.2, and offers
    /// `protocols` by ALPN.
    package init?(over descriptor: Int32, speaksTLS13: Bool, protocols: [String]) {
        guard let context = Self.contexts[speaksTLS13 ? 1 : 0],
            let session = OpenSSLSession(context, connectedTo: "localhost", over: descriptor, protocols: protocols)
        else { return nil }
        self.session = session
    }

    /// Goes on as far as it can: shakes hands, then receives. Returns what the server has sent.
    package func goOn() -> [UInt8] {
        if !isOpen, !hasEnded {
            switch session.shakeHands() {
            case .bytes: isOpen = true
            case .wantsToRead, .wantsToWrite: break
            case .closed, .truncated, .disconnected, .failed: hasEnded = true
            }
        }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while isOpen, !hasEnded {
            switch unsafe chunk.withUnsafeMutableBytes({ unsafe session.read(into: $0) }) {
            case .bytes(let count): received += chunk[..<count]
            case .wantsToRead, .wantsToWrite: return received
            case .closed, .truncated, .disconnected, .failed: hasEnded = true
            }
        }
        return received
    }

    /// Sends bytes as application data; false where it cannot.
    package func write(_ bytes: [UInt8]) -> Bool {
        guard isOpen, !hasEnded, !bytes.isEmpty else { return false }
        if case .bytes = unsafe bytes.withUnsafeBytes({ unsafe session.write($0) }) { return true }
        return false
    }

    /// Says that nothing follows.
    package func close() { if isOpen { session.close() } }
}
