/// The entry points of one instruction set's kernels, as plain C-like function pointers, so that a caller built for
/// the baseline never inlines code built for a newer CPU.
package struct KernelTable: Sendable {
    /// The instruction set, as `/metrics` and the log name it: `avx2`, `avx512`, `baseline`.
    package let instructionSet: StaticString
    package let matmul: MatmulKernels
    package let activations: ActivationKernels
    package let normalizations: NormalizationKernels

    package init(
        instructionSet: StaticString, matmul: MatmulKernels, activations: ActivationKernels,
        normalizations: NormalizationKernels
    ) {
        self.instructionSet = instructionSet
        self.matmul = matmul
        self.activations = activations
        self.normalizations = normalizations
    }
}
