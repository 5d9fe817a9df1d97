package import DenseKernelTable

#if KERNELS_AVX512
private let instructionSet: StaticString = "avx512"
#elseif KERNELS_AVX2
private let instructionSet: StaticString = "avx2"
#else
private let instructionSet: StaticString = "baseline"
#endif

/// This build's kernels.
package let kernels = KernelTable(
    instructionSet: instructionSet, matmul: matmulKernels, activations: activationKernels,
    normalizations: normalizationKernels)
