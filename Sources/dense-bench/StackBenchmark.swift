package import DenseEngine
package import DenseKernelTable
internal import Locks

/// A stack of layers and the rows it is measured on.
package struct StackSize: Hashable, Sendable {
    package let rows: Int
    /// The size of the input's last axis, then the units of each layer.
    package let units: [Int]
    /// Of all layers but the last, which has none.
    package let activation: Activation
    /// Whether a `Rescaling` of the input comes first.
    package var rescales = false

    package init(_ rows: Int, _ units: [Int], _ activation: Activation = .relu, rescales: Bool = false) {
        self.rows = rows
        self.units = units
        self.activation = activation
        self.rescales = rescales
    }

    /// `stack/32x784-128-10`
    package var name: String {
        "stack/\(rescales ? "rescaling+" : "")\(rows)x" + units.map(String.init).joined(separator: "-")
    }

    var operations: Double {
        zip(units, units.dropFirst()).reduce(0) { $0 + 2 * Double(rows) * Double($1.0) * Double($1.1) }
    }

    /// What is measured: classifiers of one picture and of many, narrow and wide layers, and the two layers that follow
    /// attention in a transformer.
    package static let all = [
        StackSize(1, [8, 16, 8]), StackSize(1, [784, 128, 10]), StackSize(32, [784, 128, 10]),
        StackSize(32, [784, 128, 10], rescales: true), StackSize(8192, [8, 16, 8]), StackSize(1024, [64, 64, 64]),
        StackSize(8192, [64, 64, 64, 64], .tanh), StackSize(4096, [512, 512, 512]),
        StackSize(4096, [512, 512, 512, 512, 512]), StackSize(512, [768, 3072, 768], .gelu),
        StackSize(1, [4096, 4096, 4096]), StackSize(64, [4096, 4096, 4096]),
    ]
}

/// One stack's times.
package struct StackResult: Sendable {
    package let size: StackSize
    /// All layers as one plan.
    package let plan: Measurement
    /// The same call, one layer after the other.
    package let layers: Measurement
    /// The part of the arithmetic's limit that the plan reached, on as many threads as there are cores, in percent.
    package let percent: Double

    package var operationsPerSecond: Double { size.operations / plan.best }
}

/// Measures whole calls of `Sequential`, output tensor included, as a request makes them.
package struct StackBenchmark: Sendable {
    private let kernels: KernelTable
    private let limits: MachineLimits
    private let budget: Double

    /// - Parameter budget: seconds for each figure.
    package init(kernels: KernelTable, limits: MachineLimits, budget: Double) {
        self.kernels = kernels
        self.limits = limits
        self.budget = budget
    }

    package func run(_ size: StackSize) throws -> StackResult {
        let shape = try Shape([size.rows, size.units[0]])
        let numbers = Floats(count: shape.count)
        let elements = unsafe Array(UnsafeBufferPointer(start: numbers.start, count: numbers.count))
        let input = try Tensor(shape: shape, elements: elements)
        let model = try Sequential(size.layers, inputShape: shape, kernels: kernels)
        var failure: (any Error)?
        let times = [SequentialCut.automatic, .layers].map { cut in
            Stopwatch.measure(budget: budget) {
                do {
                    Sink.take(try model(input, cut: cut).output.elements[0])
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        let threads = ComputeThreads.cores > 1 ? 2 : 1
        let computing = size.operations / limits.rates(threads: threads).operations
        return StackResult(size: size, plan: times[0], layers: times[1], percent: 100 * computing / times[0].best)
    }
}

extension StackSize {
    fileprivate var layers: [LayerSpecification] {
        let rescaling = LayerSpecification(
            .rescaling(Rescaling(scale: ConfigArray(1 / 127.5), offset: ConfigArray(-1))))
        return (rescales ? [rescaling] : [])
            + units.dropFirst().enumerated().map { index, units in
                let activation = index + 2 == self.units.count ? Activation.linear : self.activation
                return LayerSpecification(
                    .dense(
                        DenseConfiguration(
                            units: units, activation: activation, kernelInitializer: .glorotUniform(seed: 1))))
            }
    }
}
