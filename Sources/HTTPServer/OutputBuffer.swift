/// Bytes that are to be sent: heads and small bodies gathered in one buffer, at most one large body behind them where it
/// lies. Owned by one event loop's thread.
final class OutputBuffer {
    /// A body from this size on is sent from where it lies; a smaller one is cheaper to copy.
    private static let largeBody = 16 << 10
    /// From this size on the gathered bytes are sent before more is added.
    private static let full = 64 << 10

    private var gathered: [UInt8] = []
    private var body: [UInt8] = []
    private var sent = 0
    /// The exchanges whose answers are in here, to be reported when all is sent.
    private(set) var exchanges: [FinishedExchange] = []

    var isEmpty: Bool { gathered.isEmpty && body.isEmpty }

    /// Whether what is here should be sent before more is added.
    var isFull: Bool { gathered.count >= Self.full || !body.isEmpty }

    func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe gathered.append(contentsOf: $0) }
    }

    func append(_ byte: UInt8) { gathered.append(byte) }

    func append(_ bytes: [UInt8]) { gathered.append(contentsOf: bytes) }

    func append(_ text: String) { gathered.append(contentsOf: text.utf8) }

    /// Appends the decimal digits.
    func append(_ number: Int) {
        if number < 10, number >= 0 {
            gathered.append(UInt8(truncatingIfNeeded: number) &+ ASCII.zero)
        } else {
            append(String(number))
        }
    }

    /// Appends text with each byte that may not stand in a field value made a space.
    func append(fieldValue text: String) {
        for byte in text.utf8 { gathered.append(byte.isFieldValue ? byte : ASCII.space) }
    }

    /// Appends a response's body. Nothing may be appended behind a large one until it is sent.
    func append(body bytes: [UInt8]) {
        if bytes.count < Self.largeBody { gathered.append(contentsOf: bytes) } else { body = bytes }
    }

    /// Notes that an answer is complete.
    func append(_ exchange: FinishedExchange) { exchanges.append(exchange) }

    /// How many bytes there are in all, those that were sent included.
    var count: Int { gathered.count + body.count }

    /// Sends until all is sent or no more is taken.
    func flush(to socket: Socket) -> Flush {
        var progress = false
        while !isEmpty {
            let transfer = unsafe gathered.withUnsafeBytes { head in
                unsafe body.withUnsafeBytes { body in
                    let behindHead = max(0, sent - head.count)
                    return unsafe socket.send(
                        UnsafeRawBufferPointer(rebasing: head.dropFirst(sent)),
                        UnsafeRawBufferPointer(rebasing: body.dropFirst(behindHead)))
                }
            }
            switch transfer {
            case .bytes(let count):
                progress = true
                sent += count
                if sent == self.count { clear() }
            case .wouldBlock: return .blocked(progress: progress)
            case .end, .failed: return .failed
            }
        }
        return .done
    }

    /// What came of flushing.
    enum Flush {
        case done
        case blocked(progress: Bool)
        case failed
    }

    /// Takes the finished exchanges out.
    func takeExchanges() -> [FinishedExchange] {
        defer { exchanges.removeAll(keepingCapacity: true) }
        return exchanges
    }

    private func clear() {
        gathered.removeAll(keepingCapacity: gathered.capacity <= 2 * Self.full)
        body = []
        sent = 0
    }
}
