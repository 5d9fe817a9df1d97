import DenseEngine
import Dispatch
import Locks
import Testing

/// A gate that holds work until it is opened.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func wait() { semaphore.wait() }
    func open(times: Int = 1) { for _ in 0..<times { semaphore.signal() } }
}

/// A clock that only moves when it is told to.
final class TestClock: Sendable {
    private let time = Lock(Instant(nanoseconds: 1_000_000_000))
    var now: Instant { time.withLock { $0 } }
    func advance(milliseconds: Int) { time.withLock { $0 = $0.advanced(milliseconds: milliseconds) } }
}

/// Outcomes by the number of their request.
final class Outcomes: Sendable {
    private let list = Lock<[(number: Int, outcome: BatchOutcome)]>([])

    func add(_ number: Int, _ outcome: BatchOutcome) { list.withLock { $0.append((number, outcome)) } }

    /// The numbers in the order in which their outcomes came.
    var order: [Int] { list.withLock { $0.map(\.number) } }

    /// The outcomes of one request: there is to be exactly one.
    subscript(number: Int) -> [BatchOutcome] { list.withLock { $0.filter { $0.number == number }.map(\.outcome) } }

    /// How a request was computed; `nil` when it was not.
    func facts(_ number: Int) -> BatchFacts? {
        if case .computed(_, let facts)? = self[number].first { facts } else { nil }
    }

    func output(_ number: Int) -> ModelOutput? {
        if case .computed(let output, _)? = self[number].first { output } else { nil }
    }

    func dropReason(_ number: Int) -> DropReason? {
        if case .dropped(let reason)? = self[number].first { reason } else { nil }
    }

    func error(_ number: Int) -> EngineError? {
        if case .failed(let error)? = self[number].first { error } else { nil }
    }
}

/// A model as it is registered: layers, and the line its requests share.
struct TestModel: Sendable {
    let network: Sequential
    let line = BatchLine()
    var limits = BatchLimits()
    /// None among them.
    let adapters: [Adapter?]

    init(_ layers: [LayerConfiguration], inputShape: [Int], limits: BatchLimits = BatchLimits()) throws {
        let network = try Sequential(layers.map { LayerSpecification($0) }, inputShape: Shape(inputShape))
        self.network = network
        self.limits = limits
        adapters = try [nil] + (1...3).map { try Adapter.random(network, rank: $0, seed: UInt64($0)) }
    }

    /// Two layers wide enough for every kind of tile, with bits that would show another order of additions.
    static func wide(limits: BatchLimits = BatchLimits()) throws -> TestModel {
        try TestModel(
            [dense(33, .tanh, seed: 1), dense(17, .softmax, seed: 2)], inputShape: [1, 300], limits: limits)
    }

    static func dense(_ units: Int, _ activation: Activation = .linear, seed: Int = 1) -> LayerConfiguration {
        .dense(
            DenseConfiguration(
                units: units, activation: activation, kernelInitializer: .glorotUniform(seed: seed)))
    }

    func request(
        _ number: Int, _ input: Tensor, adapter: Adapter? = nil, into outcomes: Outcomes, returnsLogits: Bool = false,
        returnsLosses: Bool = false
    ) -> BatchRequest {
        BatchRequest(
            network, input, returnsLogits: returnsLogits, returnsLosses: returnsLosses, adapter: adapter, line: line,
            limits: limits
        ) { outcomes.add(number, $0) }
    }
}

extension WorkerQueue {
    /// Keeps `count` workers busy until the gate is opened as often; returns once they are.
    func occupy(_ count: Int) throws -> Gate {
        let (started, gate) = (Gate(), Gate())
        for _ in 0..<count {
            try async(bytes: 0) {
                started.open()
                gate.wait()
            }
        }
        for _ in 0..<count { started.wait() }
        return gate
    }

    /// Adds a request that is prepared already.
    func add(_ request: BatchRequest, _ options: WorkOptions = WorkOptions()) throws {
        try async(options) { reason in
            guard let reason else { return .request(request) }
            request.finish(.dropped(reason))
            return .nothing
        }
    }
}
