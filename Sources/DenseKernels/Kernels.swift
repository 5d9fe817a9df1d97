package import DenseKernelTable

#if KERNELS_AVX512
package let kernels = KernelTable(instructionSet: "avx512")
#elseif KERNELS_AVX2
package let kernels = KernelTable(instructionSet: "avx2")
#else
package let kernels = KernelTable(instructionSet: "baseline")
#endif
