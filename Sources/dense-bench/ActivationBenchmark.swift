package import DenseKernelTable

/// One activation's time.
package struct ActivationResult: Sendable {
    package let name: String
    package let time: Measurement
    /// The results of one call.
    package let elements: Int
    /// The part of the first-level cache's read bandwidth that reading and writing each element once takes, in percent.
    package let percent: Double

    package var nanosecondsPerElement: Double { time.best / Double(elements) * 1e9 }
    package var bytesPerSecond: Double { Double(elements * 8) / time.best }
}

/// Measures activations over 4,096 values, which with their inputs stay in the first-level cache. A call begins with
/// a copy of the inputs, since activations work in place and would drift; it is part of the time.
package struct ActivationBenchmark: Sendable {
    @safe fileprivate enum Work: Sendable {
        case elementwise(ElementwiseActivation)
        case rows(ActivationKernels.Rowwise, columns: Int)
        case gatedLinearUnit(columns: Int)
    }

    /// What is measured, by name: an activation, and for the row-wise ones their columns.
    package struct Case: Sendable {
        package let name: String
        fileprivate let work: Work
    }

    private static let elements = 4096
    private let kernels: ActivationKernels
    private let limits: MachineLimits
    private let budget: Double

    /// - Parameter budget: seconds for each figure.
    package init(kernels: KernelTable, limits: MachineLimits, budget: Double) {
        self.kernels = kernels.activations
        self.limits = limits
        self.budget = budget
    }

    package var cases: [Case] {
        let elementwise = CheckedFunction.all.filter { !$0.name.contains("(") }.map {
            Case(name: $0.name, work: .elementwise($0.activation))
        }
        let rowwise: [(String, ActivationKernels.Rowwise)] = unsafe [
            ("softmax", kernels.softmax), ("log_softmax", kernels.logSoftmax), ("sparsemax", kernels.sparsemax),
        ]
        let columns = [10, 16, 32, 64, 100, 128, 1000, 4096]
        return unsafe elementwise
            + rowwise.flatMap { name, function in
                columns.map { Case(name: "\(name)/\($0)", work: unsafe .rows(function, columns: $0)) }
            }
            + columns.map { Case(name: "glu/\($0)", work: .gatedLinearUnit(columns: $0)) }
    }

    package func run(_ example: Case) -> ActivationResult {
        let source = Floats(count: 2 * Self.elements)
        let target = Floats(count: 2 * Self.elements)
        // Normal inputs of a layer: from -4 to 4.
        for index in 0..<source.count { unsafe source.start[index] *= 8 }
        var elements = Self.elements
        let time: Measurement
        switch example.work {
        case .elementwise(let activation):
            time = Stopwatch.measure(budget: budget) {
                unsafe target.start.update(from: source.start, count: elements)
                unsafe kernels.elementwise(activation, target.start, elements)
            }
        case .rows(let function, let columns):
            let rows = elements / columns
            elements = rows * columns
            time = Stopwatch.measure(budget: budget) {
                unsafe target.start.update(from: source.start, count: elements)
                unsafe function(target.start, rows, columns)
            }
        case .gatedLinearUnit(let columns):
            let rows = elements / columns
            elements = rows * columns
            time = Stopwatch.measure(budget: budget) {
                unsafe kernels.gatedLinearUnit(source.start, target.start, rows, columns)
            }
        }
        unsafe Sink.take(target.start[0])
        let reading = Double(elements * 8) / (limits.oneThread.bytes[.l1] ?? .infinity)
        return ActivationResult(
            name: example.name, time: time, elements: elements, percent: 100 * reading / time.best)
    }
}
