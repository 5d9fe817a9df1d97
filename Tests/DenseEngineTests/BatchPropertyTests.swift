import DenseEngine
import Dispatch
import Locks
import Testing

@Suite("An answer's bits")
struct BatchPropertyTests {
    /// Models of every kind: rows that stand for themselves, positions that do, outputs that depend on the batch; each with
    /// three adapters.
    private static func models(_ numbers: inout TestNumbers) throws -> [TestModel] {
        let limits = [1, 4, 16, 64, 200].map { BatchLimits(maximumRows: $0, maximumDelay: 0) }
        func limit(_ numbers: inout TestNumbers) -> BatchLimits {
            var chosen = limits[numbers.integer(in: 0...4)]
            if numbers.integer(in: 0...3) == 0 { chosen.maximumDelay = numbers.integer(in: 1...300) }
            return chosen
        }
        return try [
            TestModel(
                [TestModel.dense(40, .gelu, seed: 3), TestModel.dense(9, .softmax, seed: 4)], inputShape: [1, 270],
                limits: limit(&numbers)),
            TestModel([TestModel.dense(1, .sigmoid, seed: 5)], inputShape: [1, 270], limits: limit(&numbers)),
            TestModel(
                [.flatten(Flatten()), TestModel.dense(33, .elu, seed: 6)], inputShape: [1, 2, 270],
                limits: limit(&numbers)),
            TestModel([TestModel.dense(6, .softmax(axis: 0), seed: 7)], inputShape: [1, 270], limits: limit(&numbers)),
        ]
    }

    /// A request as somebody might send it: mostly right, sometimes not; sometimes late, sometimes given up.
    private struct Sample {
        let model: TestModel
        let input: Tensor
        let adapter: Adapter?
        let options: WorkOptions
        let mayBeDropped: Bool

        init(_ models: [TestModel], _ numbers: inout TestNumbers, clock: Instant) throws {
            let kind = numbers.integer(in: 0...models.count - 1)
            model = models[kind]
            let rows = numbers.integer(in: 0...7)
            let width = numbers.integer(in: 0...9) == 0 ? 269 : 270
            var shape = kind == 2 ? [rows, 2, width] : [rows, width]
            if kind != 2, numbers.integer(in: 0...2) == 0 { shape.insert(numbers.integer(in: 1...3), at: 1) }
            var input = try numbers.tensor(shape)
            if numbers.integer(in: 0...9) == 0, !input.elements.isEmpty {
                input = try Tensor(shape: input.shape, elements: [.infinity] + input.elements.dropFirst())
            }
            self.input = input
            adapter = model.adapters[numbers.integer(in: 0...model.adapters.count - 1)]
            let (isLate, isGone) = (numbers.integer(in: 0...7) == 0, numbers.integer(in: 0...7) == 0)
            mayBeDropped = isLate || isGone
            options = WorkOptions(
                priority: numbers.integer(in: 0...9), bytes: numbers.integer(in: 0...20_000),
                deadline: isLate ? clock : .never, isCancelled: { isGone })
        }
    }

    @Test("never depend on who else was in the batch", arguments: 1...12)
    func independent(seed: UInt64) throws {
        var numbers = TestNumbers(seed: seed)
        let models = try Self.models(&numbers)
        let width = numbers.integer(in: 1...3)
        let queue = WorkerQueue(width: width, maximumRequests: 1_000, maximumBytes: 1 << 30)
        let outcomes = Outcomes()
        var samples: [Sample] = []
        // In bursts, with the workers held or not, so that batches of all sizes come about.
        for _ in 0..<4 {
            let gate = numbers.integer(in: 0...2) > 0 ? try queue.occupy(width) : nil
            for _ in 0..<numbers.integer(in: 1...25) {
                let sample = try Sample(models, &numbers, clock: .now)
                try queue.add(
                    sample.model.request(samples.count, sample.input, adapter: sample.adapter, into: outcomes),
                    sample.options)
                samples.append(sample)
            }
            gate?.open(times: width)
        }
        queue.waitUntilIdle()
        #expect(queue.depth == (0, 0))

        for (number, sample) in samples.enumerated() {
            try #require(outcomes[number].count == 1, "request \(number) has \(outcomes[number].count) outcomes")
            switch outcomes[number][0] {
            case .dropped: #expect(sample.mayBeDropped)
            case .failed(let error):
                #expect(throws: error) { try sample.model.network(sample.input) }
            case .computed(let output, let facts):
                #expect(!sample.mayBeDropped)
                let adapters = sample.adapter.map(AdapterRows.init(all:))
                let alone = try sample.model.network(sample.input, adapters: adapters)
                #expect(output.output.shape == alone.output.shape)
                #expect(
                    firstDifference(output.output.elements, alone.output.elements) == nil,
                    "request \(number), with \(facts.requests) in its batch")
                #expect(output.warnings == alone.warnings)
                #expect(facts.requests == 1 || facts.rows <= sample.model.limits.maximumRows)
            }
        }
    }
}
