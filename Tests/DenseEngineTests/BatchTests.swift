import DenseEngine
import Testing

@Suite("Batches")
struct BatchTests {
    private func queue(width: Int = 1, clock: TestClock? = nil) -> WorkerQueue {
        guard let clock else { return WorkerQueue(width: width, maximumRequests: 1_000, maximumBytes: 1 << 30) }
        return WorkerQueue(width: width, maximumRequests: 1_000, maximumBytes: 1 << 30) { clock.now }
    }

    /// Adds inputs while the only worker is held, and waits for their outcomes.
    private func run(_ model: TestModel, _ inputs: [Tensor], width: Int = 1) throws -> Outcomes {
        let (queue, outcomes) = (queue(width: width), Outcomes())
        let gate = try queue.occupy(width)
        for (number, input) in inputs.enumerated() { try queue.add(model.request(number, input, into: outcomes)) }
        gate.open(times: width)
        queue.waitUntilIdle()
        #expect(queue.depth == (0, 0))
        return outcomes
    }

    private func inputs(_ shapes: [[Int]]) throws -> [Tensor] {
        var numbers = TestNumbers(seed: 5)
        return try shapes.map { try numbers.tensor($0) }
    }

    @Test("requests for one model that wait when a worker becomes free are computed as one")
    func together() throws {
        let model = try TestModel.wide()
        let inputs = try inputs([[1, 300], [3, 300], [2, 300]])
        let outcomes = try run(model, inputs)
        for (number, input) in inputs.enumerated() {
            let facts = try #require(outcomes.facts(number))
            #expect(facts.rows == 6 && facts.requests == 3 && facts.position == number)
            let output = try #require(outcomes.output(number)).output
            let alone = try model.network(input).output
            #expect(output.shape == alone.shape)
            #expect(firstDifference(output.elements, alone.elements) == nil)
        }
    }

    @Test("a worker leaves as many requests as it takes to each of the others")
    func share() throws {
        let outcomes = try run(TestModel.wide(), inputs(Array(repeating: [1, 300], count: 8)), width: 2)
        for number in 0..<8 { #expect(try #require(outcomes.facts(number)).requests <= 4) }
    }

    @Test("where rows stand for themselves, requests of different ranks share")
    func ranks() throws {
        let model = try TestModel.wide()
        let shapes = [[2, 300], [1, 2, 300], [2, 1, 1, 300]]
        let outcomes = try run(model, inputs(shapes))
        for (number, shape) in shapes.enumerated() {
            #expect(outcomes.facts(number)?.rows == 6)
            #expect(outcomes.output(number)?.output.shape.dimensions == shape.dropLast() + [17])
        }
    }

    @Test("where only the positions of axis 0 are independent, requests share whose other axes agree")
    func positions() throws {
        let model = try TestModel(
            [.flatten(Flatten()), TestModel.dense(8)], inputShape: [1, 2, 3])
        let shapes = [[1, 2, 3], [4, 2, 3], [2, 3, 2], [2, 6], [1, 2, 3]]
        let inputs = try inputs(shapes)
        let outcomes = try run(model, inputs)
        #expect([0, 1, 4].allSatisfy { outcomes.facts($0)?.requests == 3 })
        #expect([2, 3].allSatisfy { outcomes.facts($0)?.requests == 1 })
        for (number, input) in inputs.enumerated() {
            #expect(try outcomes.output(number) == model.network(input))
        }
    }

    @Test("a model whose output depends on the whole batch, and one without a line, share nothing")
    func dependent() throws {
        let model = try TestModel([TestModel.dense(4, .softmax(axis: 0))], inputShape: [1, 3])
        let inputs = try inputs([[2, 3], [2, 3], [1, 3]])
        let outcomes = try run(model, inputs)
        for (number, input) in inputs.enumerated() {
            #expect(outcomes.facts(number)?.requests == 1)
            #expect(try outcomes.output(number) == model.network(input))
        }
        let (queue, lonely) = (queue(), Outcomes())
        let gate = try queue.occupy(1)
        for number in 0..<2 {
            try queue.add(BatchRequest(model.network, inputs[number]) { lonely.add(number, $0) })
        }
        gate.open()
        queue.waitUntilIdle()
        #expect(lonely.facts(0)?.requests == 1 && lonely.facts(1)?.requests == 1)
    }

    @Test("requests of different models, and those that ask for logits or losses, are computed by themselves")
    func strangers() throws {
        let (first, second) = (try TestModel.wide(), try TestModel.wide())
        let input = try inputs([[1, 300]])[0]
        let (queue, outcomes) = (queue(), Outcomes())
        let gate = try queue.occupy(1)
        try queue.add(first.request(0, input, into: outcomes))
        try queue.add(second.request(1, input, into: outcomes))
        try queue.add(first.request(2, input, into: outcomes, returnsLogits: true))
        try queue.add(first.request(3, input, into: outcomes, returnsLosses: true))
        try queue.add(first.request(4, input, into: outcomes))
        gate.open()
        queue.waitUntilIdle()
        #expect((0..<5).map { outcomes.facts($0)?.requests } == [1, 1, 1, 1, 1])
        #expect(outcomes.output(2)?.logits != nil && outcomes.output(3)?.losses != nil)
    }

    @Test("a batch has no more rows than its limit, and 1 computes everybody alone", arguments: [1, 2, 5, 64])
    func maximumRows(limit: Int) throws {
        let model = try TestModel.wide(limits: BatchLimits(maximumRows: limit))
        let outcomes = try run(model, inputs([[1, 300], [2, 300], [2, 300], [1, 300], [9, 300], [1, 300]]))
        let rows = try (0..<6).map { try #require(outcomes.facts($0)).rows }
        switch limit {
        case 1: #expect(rows == [1, 2, 2, 1, 9, 1])
        case 2: #expect(rows == [1, 2, 2, 1, 9, 1])
        case 5: #expect(rows == [5, 5, 5, 1, 9, 1])
        default: #expect(rows == [16, 16, 16, 16, 16, 16])
        }
    }

    @Test("a shape that does not fit fails its own request only")
    func badShape() throws {
        let model = try TestModel.wide()
        let inputs = try inputs([[1, 300], [1, 299], [300], [0, 300], [2, 299], [1, 300]])
        let outcomes = try run(model, inputs)
        for number in [0, 5] {
            #expect(outcomes.facts(number)?.requests == 1 || outcomes.facts(number)?.requests == 2)
            #expect(try outcomes.output(number) == model.network(inputs[number]))
        }
        for (number, rows) in [(1, 1), (4, 2)] {
            let shape = try Shape([rows, 299])
            #expect(outcomes.error(number) == .lastAxisMismatch(layer: "dense", expected: 300, shape: shape))
        }
        #expect(outcomes.error(2) == .rankTooLow(layer: "dense", minimum: 2, shape: try Shape([300])))
        #expect(outcomes.output(3)?.output.shape.dimensions == [0, 17])
    }

    @Test("a value that is not finite stays in its own request")
    func notFinite() throws {
        let model = try TestModel.wide()
        var inputs = try inputs([[1, 300], [1, 300], [1, 300]])
        inputs[1] = try Tensor([1, 300], [.nan] + inputs[1].elements.dropFirst())
        let outcomes = try run(model, inputs)
        #expect(outcomes.facts(0)?.requests == 3)
        #expect(outcomes.output(0)?.output.elements.allSatisfy(\.isFinite) == true)
        #expect(outcomes.output(1)?.output.elements.allSatisfy(\.isNaN) == true)
        #expect(outcomes.output(2)?.output.elements.allSatisfy(\.isFinite) == true)
    }

    @Test("warnings name the request's own shape")
    func warnings() throws {
        let model = try TestModel([TestModel.dense(1, .softmax)], inputShape: [1, 3])
        let inputs = try inputs([[1, 3], [2, 2, 3]])
        let outcomes = try run(model, inputs)
        for (number, input) in inputs.enumerated() {
            #expect(outcomes.facts(number)?.requests == 2)
            #expect(try outcomes.output(number)?.warnings == model.network.warnings(for: input.shape))
            #expect(
                outcomes.output(number)?.warnings.first?.contains(
                    "\(try Shape(input.shape.dimensions.dropLast() + [1]))") == true)
        }
    }

    // MARK: Waiting for more

    @Test("with a delay a batch waits until it is full, however many workers are free")
    func full() throws {
        // An hour: only filling the batch ends it.
        let model = try TestModel.wide(limits: BatchLimits(maximumRows: 3, maximumDelay: 3_600_000_000))
        let clock = TestClock()
        let (queue, outcomes) = (queue(width: 2, clock: clock), Outcomes())
        let input = try inputs([[1, 300]])[0]
        let done = Gate()
        for number in 0..<3 {
            try queue.async(WorkOptions()) { _ in
                .request(
                    BatchRequest(model.network, input, line: model.line, limits: model.limits) { outcome in
                        outcomes.add(number, outcome)
                        done.open()
                    })
            }
        }
        for _ in 0..<3 { done.wait() }
        #expect((0..<3).allSatisfy { outcomes.facts($0)?.requests == 3 })
    }

    @Test("a batch that is not full is computed when its time is over")
    func delayed() throws {
        let model = try TestModel.wide(limits: BatchLimits(maximumDelay: 1))
        let (queue, outcomes) = (queue(), Outcomes())
        try queue.add(model.request(0, inputs([[1, 300]])[0], into: outcomes))
        queue.waitUntilIdle()
        #expect(outcomes.facts(0)?.requests == 1)
        #expect(queue.depth == (0, 0))
    }
}
