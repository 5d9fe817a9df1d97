internal import DenseEngine
internal import DenseKernelTable

/// The time to lay out a large kernel, beside that of a copy into fresh memory.
package struct PackingResult: Sendable {
    package static let name = "pack 4096x4096"
    package let packing: Measurement
    package let copying: Measurement

    init(kernels: KernelTable, budget: Double) throws {
        let size = 4096
        let kernel = try Tensor(shape: try Shape([size, size]), elements: Array(repeating: 0.5, count: size * size))
        // Nothing throws that did not throw here.
        _ = try PackedKernel(kernel: kernel, for: kernels)
        packing = Stopwatch.measure(budget: budget) { _ = try? PackedKernel(kernel: kernel, for: kernels) }
        copying = Stopwatch.measure(budget: budget) {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: size * size)
            unsafe kernel.elements.withUnsafeBufferPointer { elements in
                guard let start = elements.baseAddress else { return }
                unsafe memory.update(from: start, count: size * size)
            }
            Sink.take(unsafe memory[size])
            unsafe memory.deallocate()
        }
    }
}
