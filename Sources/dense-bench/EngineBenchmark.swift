internal import DenseEngine
package import DenseKernelTable

/// All of `dense-bench engine`: limits first, then what is compared with them.
package struct EngineBenchmark: Sendable {
    private let kernels: KernelTable
    private let seconds: Double
    private let comparesPeers: Bool
    private let filter: String?
    private let products: [ProductSize]?

    /// - Parameters:
    ///   - seconds: for each figure of a product; activations, of which there are many, take a third.
    ///   - filter: what the names of measured things contain; `nil` for everything.
    ///   - products: what to measure instead of the usual.
    package init(
        kernels: KernelTable, seconds: Double, comparesPeers: Bool, filter: String?, products: [ProductSize]? = nil
    ) {
        self.kernels = kernels
        self.seconds = seconds
        self.comparesPeers = comparesPeers
        self.filter = filter
        self.products = products
    }

    package func run() throws -> EngineReport {
        let limits = MachineLimits(for: kernels, budget: seconds)
        let product = ProductBenchmark(kernels: kernels, limits: limits, budget: seconds, comparesPeers: comparesPeers)
        let activation = ActivationBenchmark(kernels: kernels, limits: limits, budget: seconds / 3)
        let isWhole = products == nil
        let stack = StackBenchmark(kernels: kernels, limits: limits, budget: seconds)
        return EngineReport(
            limits: limits,
            products: try (products ?? ProductSize.all).filter { isChosen($0.name) }.flatMap(product.run),
            packing: isWhole && isChosen(PackingResult.name)
                ? try PackingResult(kernels: kernels, budget: seconds) : nil,
            stacks: try StackSize.all.filter { isWhole && isChosen($0.name) }.map(stack.run),
            activations: activation.cases.filter { isWhole && isChosen($0.name) }.map(activation.run),
            peers: comparesPeers ? [("OpenBLAS", Peer.openBLAS?.function), ("oneDNN", Peer.oneDNN?.function)] : [])
    }

    private func isChosen(_ name: String) -> Bool { filter.map(name.contains) ?? true }
}
