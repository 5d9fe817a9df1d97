private import DenseKernelTable

extension Activation {
    /// Applies an activation along an axis. `output` has the place `outputShape(for:)` says.
    func apply(
        along view: AxisView, from input: UnsafeBufferPointer<Float>, to output: UnsafeMutableBufferPointer<Float>
    ) {
        guard let source = input.baseAddress, let target = output.baseAddress, input.count > 0 else { return }
        let resultLength = output.count / (view.outer * view.inner)
        unsafe view.withRows(of: source, resultLength: resultLength, target) { source, target, rows in
            unsafe applyRows(source, target, rows, view.length)
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

extension AxisView {
    /// Has lines along the axis made into rows of `resultLength` values, by `body`: where they lie, or in copies of 16 lines
    /// at a time. The results may lie where the lines did, when they are as long.
    func withRows(
        of source: UnsafePointer<Float>, resultLength: Int, _ target: UnsafeMutablePointer<Float>,
        _ body: (_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ rows: Int) -> Void
    ) {
        guard inner > 1 else { return unsafe body(source, target, outer) }
        let group = 16
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: group * (length + resultLength)) { scratch in
            guard let rows = scratch.baseAddress else { return }
            let results = unsafe rows + group * length
            for outer in 0..<outer {
                for first in stride(from: 0, to: inner, by: group) {
                    let count = min(group, inner - first)
                    let block = unsafe source + outer * length * inner + first
                    for index in 0..<length {
                        for line in 0..<count { unsafe rows[line * length + index] = block[index * inner + line] }
                    }
                    unsafe body(rows, results, count)
                    let place = unsafe target + outer * resultLength * inner + first
                    for index in 0..<resultLength {
                        for line in 0..<count {
                            unsafe place[index * inner + line] = results[line * resultLength + index]
                        }
                    }
                }
            }
        }
    }
}
