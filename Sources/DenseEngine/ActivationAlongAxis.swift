private import DenseKernelTable

extension Activation {
    /// Applies an activation along an axis. `output` has the place `outputShape(for:)` says.
    func apply(
        along view: AxisView, from input: UnsafeBufferPointer<Float>, to output: UnsafeMutableBufferPointer<Float>
    ) {
        guard let source = input.baseAddress, let target = output.baseAddress, input.count > 0 else { return }
        let resultLength = output.count / (view.outer * view.inner)
        guard view.inner > 1 else { return unsafe applyRows(source, target, view.outer, view.length) }
        // The kernels want rows: lines along another axis are copied to rows and back, 16 at a time.
        let group = 16
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: group * (view.length + resultLength)) {
            scratch in
            guard let rows = scratch.baseAddress else { return }
            let results = unsafe rows + group * view.length
            for outer in 0..<view.outer {
                for first in stride(from: 0, to: view.inner, by: group) {
                    let count = min(group, view.inner - first)
                    let block = unsafe source + outer * view.length * view.inner + first
                    for index in 0..<view.length {
                        for line in 0..<count {
                            unsafe rows[line * view.length + index] = block[index * view.inner + line]
                        }
                    }
                    unsafe applyRows(rows, results, count, view.length)
                    let place = unsafe target + outer * resultLength * view.inner + first
                    for index in 0..<resultLength {
                        for line in 0..<count {
                            unsafe place[index * view.inner + line] = results[line * resultLength + index]
                        }
                    }
                }
            }
        }
    }

    /// Applies the activation to contiguous rows of `columns` values.
    private func applyRows(
        _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
    ) {
        let kernels = Kernels.current.activations
        if case .glu = self {
            unsafe kernels.gatedLinearUnit(source, target, rows, columns / 2)
            return
        }
        unsafe target.initialize(from: source, count: rows * columns)
        switch self {
        case .softmax: unsafe kernels.softmax(target, rows, columns)
        case .logSoftmax: unsafe kernels.logSoftmax(target, rows, columns)
        case .sparsemax: unsafe kernels.sparsemax(target, rows, columns)
        default: break
        }
    }
}
