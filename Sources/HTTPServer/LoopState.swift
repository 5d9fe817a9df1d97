import Glibc
import Synchronization

/// What the connections of one event loop share: the handler, the time, the answer that is being given.
///
/// Confined to the loop's thread, apart from the counters.
final class LoopState {
    /// A handshake costs as much as dozens of requests, so a crowd of new clients waits for those that are here.
    private static let handshakesAtOnce = 8

    let configuration: ServerConfiguration
    let handler: any HTTPHandler
    let observer: (any HTTPExchangeObserver)?
    /// What bodies and answers may take, on all loops together.
    let memory: MemoryBudget
    /// When the loop last woke, in nanoseconds of the monotonic clock.
    var now: UInt64 = 0
    /// What is used again.
    var spares = LoopSpares()
    /// What its requests are called.
    var numbers = RequestNumbers()
    /// The current `Date`, made once a second.
    private(set) var date: [UInt8] = []
    /// Whether the server is stopping.
    var isDraining = false
    /// Requests whose head was read.
    let requests = Counter()
    /// What clients took too long for.
    let timeouts: TimeoutCounters
    /// HTTP/2 connections ended because they cost more than they brought.
    let floods: Counter
    /// The exchange whose handler is running on this thread, and the answer it has given meanwhile.
    private var running: Exchange?
    private var inlineAnswer: HTTPResponse??
    private var second = Int.min
    private var handshakes = 0

    init(
        configuration: ServerConfiguration, handler: any HTTPHandler, observer: (any HTTPExchangeObserver)?,
        memory: MemoryBudget? = nil, floods: Counter = Counter(),
        timeouts: TimeoutCounters = TimeoutCounters()
    ) {
        self.configuration = configuration
        self.handler = handler
        self.observer = observer
        self.memory = memory ?? MemoryBudget(limit: configuration.maxBufferBytes)
        self.floods = floods
        self.timeouts = timeouts
        tick()
    }

    /// Reads the clocks.
    func tick() {
        now = Self.clock()
        handshakes = 0
        let current = time(nil)
        if current != second {
            second = current
            date = HTTPDate.bytes(secondsSince1970: current)
        }
    }

    /// Whether there is time for a step of a TLS handshake before others have their turn.
    func mayShakeHands() -> Bool {
        handshakes += 1
        return handshakes <= Self.handshakesAtOnce
    }

    /// Runs the handler. Returns its answer if it gave one before returning; nil inside is a dropped responder.
    func run(_ request: HTTPRequest, _ exchange: Exchange) -> HTTPResponse?? {
        running = exchange
        handler.handle(request, HTTPResponder(exchange))
        running = nil
        var answer: HTTPResponse??
        swap(&answer, &inlineAnswer)
        return answer
    }

    /// Whether the exchange's handler runs on this thread now.
    func isRunning(_ exchange: Exchange) -> Bool { running === exchange }

    /// Keeps the answer of the handler that runs.
    func keepInline(_ response: consuming HTTPResponse?) { inlineAnswer = .some(response) }

    /// The response, or a refusal in the place of one that there is no room for.
    func bounded(_ response: consuming HTTPResponse, to head: HTTPRequestHead?) -> HTTPResponse {
        if response.body.count < OutputBuffer.largeBody || memory.hasRoom(for: response.body.count) { return response }
        return handler.errorResponse(.noRoom(limit: memory.limit), to: head)
    }

    /// How long a connection may be without a request, in milliseconds.
    var idleTimeout: Int {
        isDraining ? min(configuration.farewellTimeout, configuration.idleTimeout) : configuration.idleTimeout
    }

    /// The time so many milliseconds from now.
    func deadline(in milliseconds: Int) -> UInt64 { now &+ UInt64(max(0, milliseconds)) &* 1_000_000 }

    /// Nanoseconds of the monotonic clock.
    static func clock() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// A number that one thread changes and others read.
final class Counter: Sendable {
    private let storage = Atomic<Int>(0)

    var value: Int { storage.load(ordering: .relaxed) }

    func add(_ amount: Int) { storage.wrappingAdd(amount, ordering: .relaxed) }
}
