internal import DenseKernelTable

#if arch(x86_64)
internal import BenchLoopsAVX2
internal import BenchLoopsAVX512
#else
internal import BenchLoopsBaseline
#endif

/// The benchmark's own loops of one instruction set.
@safe struct LimitLoops: Sendable {
    /// See `multiplyAddLoop` and its neighbours in `BenchLoops`.
    let multiplyAdd: @convention(c) @Sendable (Int, Float) -> Float
    let operationsPerIteration: Int
    let read: @convention(c) @Sendable (UnsafeRawPointer, Int, Int, Int) -> Float
    let biasAndReLU: @convention(c) @Sendable (UnsafeMutablePointer<Float>, Int, Int, UnsafePointer<Float>) -> Void

    /// The loops compiled for the instruction set of some kernels.
    init(for kernels: KernelTable) {
        #if arch(x86_64)
        if "\(kernels.instructionSet)" == "avx512" {
            multiplyAdd = BenchLoopsAVX512.multiplyAddLoop
            operationsPerIteration = BenchLoopsAVX512.multiplyAddOperations
            unsafe read = BenchLoopsAVX512.readLoop
            unsafe biasAndReLU = BenchLoopsAVX512.biasAndReLULoop
        } else {
            multiplyAdd = BenchLoopsAVX2.multiplyAddLoop
            operationsPerIteration = BenchLoopsAVX2.multiplyAddOperations
            unsafe read = BenchLoopsAVX2.readLoop
            unsafe biasAndReLU = BenchLoopsAVX2.biasAndReLULoop
        }
        #else
        multiplyAdd = BenchLoopsBaseline.multiplyAddLoop
        operationsPerIteration = BenchLoopsBaseline.multiplyAddOperations
        unsafe read = BenchLoopsBaseline.readLoop
        unsafe biasAndReLU = BenchLoopsBaseline.biasAndReLULoop
        #endif
    }
}
