import Glibc

/// Bytes that are to be sent: heads and small bodies gathered in one buffer, at most one large body behind them where it
/// lies. Owned by one event loop's thread.
@safe final class OutputBuffer {
    /// A body from this size on is sent from where it lies; a smaller one is cheaper to copy.
    static let largeBody = 16 << 10
    /// From this size on the gathered bytes are sent before more is added.
    private static let full = 64 << 10

    /// The gathered bytes. Behind a pointer, because accesses to a class's variables are checked one by one at run time,
    /// and a head is written in some twenty pieces.
    @safe private struct Gathered {
        var start: UnsafeMutablePointer<UInt8>?
        var capacity = 0
        var count = 0
    }

    private let gathered: UnsafeMutablePointer<Gathered>
    private var body: [UInt8] = []
    /// How many of the bytes were sent.
    private(set) var sent = 0
    /// What is left here while a client does not take it.
    private var charge: MemoryCharge
    /// Whether there was no memory for something that is to be sent.
    private var isBroken = false
    /// The exchanges whose answers are in here, to be reported when all is sent.
    private(set) var exchanges: [FinishedExchange] = []

    /// An empty buffer. `budget` counts what clients let lie in it.
    init(within budget: MemoryBudget? = nil) {
        charge = MemoryCharge(budget)
        unsafe gathered = .allocate(capacity: 1)
        unsafe gathered.initialize(to: Gathered())
    }

    deinit {
        unsafe free(gathered.pointee.start)
        unsafe gathered.deallocate()
    }

    var isEmpty: Bool { unsafe gathered.pointee.count == 0 && body.isEmpty }

    /// Whether what is here should be sent before more is added.
    var isFull: Bool { unsafe gathered.pointee.count >= Self.full || !body.isEmpty }

    /// Lets `write` append at most `bound` bytes in pieces.
    func append(atMost bound: Int, _ write: (inout ByteWriter) -> Void) {
        guard let start = unsafe makeRoom(bound) else {
            isBroken = true
            return
        }
        var writer = unsafe ByteWriter(UnsafeMutableBufferPointer(start: start, count: bound), start: start)
        write(&writer)
        unsafe gathered.pointee.count += bound - writer.room
    }

    func append(_ text: StaticString) { append(atMost: text.utf8CodeUnitCount) { $0.append(text) } }

    func append(_ byte: UInt8) { append(atMost: 1) { $0.append(byte) } }

    func append(_ bytes: [UInt8]) { append(atMost: bytes.count) { $0.append(bytes) } }

    func append(_ text: String) { append(atMost: text.utf8.count) { $0.append(text) } }

    func append(_ bytes: UnsafeRawBufferPointer) {
        append(atMost: bytes.count) { output in
            unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe output.append($0) }
        }
    }

    /// Appends the decimal digits.
    func append(_ number: Int) { append(atMost: 20) { $0.append(number) } }

    /// Appends text with each byte that may not stand in a field value made a space.
    func append(fieldValue text: String) { append(atMost: text.utf8.count) { $0.append(fieldValue: text) } }

    /// Appends a response's body. Nothing may be appended behind a large one until it is sent.
    func append(body bytes: [UInt8]) {
        if bytes.count < Self.largeBody { append(bytes) } else { body = bytes }
    }

    /// Notes that an answer is complete.
    func append(_ exchange: FinishedExchange) { exchanges.append(exchange) }

    /// How many bytes there are in all, those that were sent included.
    var count: Int { unsafe gathered.pointee.count + body.count }

    /// Sends until all is sent or no more is taken.
    func flush(to socket: Socket) -> Flush {
        if isBroken { return .failed }
        while !isEmpty {
            let head = unsafe UnsafeRawBufferPointer(start: gathered.pointee.start, count: gathered.pointee.count)
            let transfer = unsafe body.withUnsafeBytes { body in
                let behindHead = max(0, sent - head.count)
                return unsafe socket.send(
                    UnsafeRawBufferPointer(rebasing: head.dropFirst(sent)),
                    UnsafeRawBufferPointer(rebasing: body.dropFirst(behindHead)))
            }
            switch transfer {
            case .bytes(let count):
                sent += count
                if sent == self.count { clear() }
            case .wouldBlock:
                charge.force(unsafe gathered.pointee.capacity + body.count)
                return .blocked
            case .end, .failed: return .failed
            }
        }
        return .done
    }

    /// What came of flushing.
    enum Flush {
        case done
        case blocked
        case failed
    }

    /// Shows the finished exchanges, one after the other, and forgets them.
    func takeExchanges(_ body: (FinishedExchange) -> Void) {
        for exchange in exchanges { body(exchange) }
        exchanges.removeAll(keepingCapacity: true)
    }

    /// Takes all bytes out, for a connection without a socket.
    func take() -> [UInt8] {
        defer { clear() }
        return unsafe Array(UnsafeRawBufferPointer(start: gathered.pointee.start, count: gathered.pointee.count)) + body
    }

    private func clear() {
        if unsafe gathered.pointee.capacity > 2 * Self.full {
            unsafe free(gathered.pointee.start)
            unsafe gathered.pointee = Gathered()
        }
        unsafe gathered.pointee.count = 0
        body = []
        sent = 0
        charge.force(0)
    }

    /// Where the next bytes go, with room for as many as are wanted; nil when there is no memory for them.
    private func makeRoom(_ wanted: Int) -> UnsafeMutablePointer<UInt8>? {
        let needed = unsafe gathered.pointee.count + wanted
        if let start = unsafe gathered.pointee.start, unsafe needed <= gathered.pointee.capacity {
            return unsafe start + gathered.pointee.count
        }
        let capacity = unsafe max(needed, gathered.pointee.capacity * 2, 1024)
        guard let memory = unsafe realloc(gathered.pointee.start, capacity) else { return nil }
        let start = unsafe memory.assumingMemoryBound(to: UInt8.self)
        unsafe gathered.pointee.start = unsafe start
        unsafe gathered.pointee.capacity = capacity
        return unsafe start + gathered.pointee.count
    }
}
