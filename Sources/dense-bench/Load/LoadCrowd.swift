internal import Glibc
internal import Locks
internal import Synchronization

/// Connections that want next to nothing while a load is measured: what a server pays for those who only stand around.
package struct LoadCrowd: Hashable, Sendable {
    /// Connections that have had one answer over HTTP/1.1 and keep still.
    package var idle = 0
    /// The same over HTTP/2.
    package var idleHTTP2 = 0
    /// Connections that send a request's head a byte every five seconds, and come back when they are cut off.
    package var slow = 0

    /// Nobody.
    package init() {}

    /// All of them.
    package var count: Int { idle + idleHTTP2 + slow }
}

/// A crowd that has come, until it is let go.
final class LoadCrowdVisit: Sendable {
    private enum Kind: Sendable { case idle, idleHTTP2, slow }

    private static let interval = 5_000_000_000

    private let address: LoadAddress
    private let socketAddress: SocketAddress
    private let descriptors = Lock<[Int32]>([])
    private let isOver = Atomic<Bool>(false)
    private let pacer = Lock<LoadThread?>(nil)

    /// Connects them all, one after the other.
    ///
    /// - Throws: `LoadError` when one is not let in.
    init(_ crowd: LoadCrowd, at address: LoadAddress, _ socketAddress: SocketAddress) throws(LoadError) {
        self.address = address
        self.socketAddress = socketAddress
        for _ in 0..<crowd.idle { try keep(connect(.idle)) }
        for _ in 0..<crowd.idleHTTP2 { try keep(connect(.idleHTTP2)) }
        guard crowd.slow > 0 else { return }
        var slow: [Int32] = []
        for _ in 0..<crowd.slow { slow.append(try connect(.slow)) }
        let beginners = slow
        let thread = try LoadThread { [self] in pace(beginners) }
        pacer.withLock { $0 = thread }
    }

    /// Closes all connections.
    func end() {
        isOver.store(true, ordering: .relaxed)
        pacer.withLock { $0.take() }?.join()
        descriptors.withLock { descriptors in
            for descriptor in descriptors { close(descriptor) }
            descriptors = []
        }
    }

    private func keep(_ descriptor: Int32) { descriptors.withLock { $0.append(descriptor) } }

    private func connect(_ kind: Kind) throws(LoadError) -> Int32 {
        let (descriptor, failure) = socketAddress.connect(blocking: true)
        guard failure == 0 else { throw .system(call: "connect", reason: systemReason(failure)) }
        let bytes =
            switch kind {
            case .idle: Array("GET /health/live HTTP/1.1\r\nHost: \(address.authority)\r\n\r\n".utf8)
            case .idleHTTP2: http2
            case .slow: Array("GET / HTTP/1.1\r\nHost: ".utf8)
            }
        guard unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw .system(call: "send", reason: systemReason(errno))
        }
        if kind == .slow { return descriptor }
        // The answer is here once something is; the rest of it may stay with the kernel.
        var buffer = [UInt8](repeating: 0, count: 4096)
        guard unsafe recv(descriptor, &buffer, buffer.count, 0) > 0 else {
            throw .system(call: "recv", reason: systemReason(errno))
        }
        return descriptor
    }

    /// The preface, settings and their acknowledgement, and a request (RFC 9113; fields as in RFC 7541, appendix A).
    private var http2: [UInt8] {
        let authority = Array(address.authority.utf8.prefix(100))
        let path = Array("/health/live".utf8)
        let block = [0x82, 0x86, 0x41, UInt8(authority.count)] + authority + [0x44, UInt8(path.count)] + path
        return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]
            + [0, 0, UInt8(block.count), 1, 5, 0, 0, 0, 1] + block
    }

    /// Sends bytes, each at its own time: many at once would be a burst that such clients do not make.
    private func pace(_ beginners: [Int32]) {
        var slow = beginners
        let start = LoadClock.now
        let pause = Self.interval / slow.count + 1
        var sent = 0
        while !isOver.load(ordering: .relaxed) {
            let now = LoadClock.now
            while start + (sent + 1) * pause <= now {
                step(&slow[sent % slow.count])
                sent += 1
            }
            usleep(UInt32(min(start + (sent + 1) * pause - now, 10_000_000) / 1_000 + 1))
        }
        for descriptor in slow where descriptor >= 0 { close(descriptor) }
    }

    private func step(_ descriptor: inout Int32) {
        var byte: UInt8 = 0
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let hasAnswer = unsafe descriptor >= 0 && recv(descriptor, &byte, 1, flags) >= 0
        if descriptor >= 0, !hasAnswer, unsafe send(descriptor, "a", 1, flags) == 1 { return }
        if descriptor >= 0 { close(descriptor) }
        descriptor = (try? connect(.slow)) ?? -1
    }
}
