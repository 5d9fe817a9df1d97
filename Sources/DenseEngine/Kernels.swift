internal import CCPUID
package import DenseKernelTable

#if arch(x86_64)
internal import DenseKernelsAVX2
internal import DenseKernelsAVX512
#else
internal import DenseKernelsBaseline
#endif

/// The CPU lacks the instructions that every kernel needs.
package struct UnsupportedCPU: Error, CustomStringConvertible {
    package init() {}

    package var description: String {
        "This CPU cannot run the engine. Expected x86-64-v3 (AVX2, FMA and BMI2; Intel Haswell, AMD Excavator or "
            + "later), received an older x86-64 CPU, or a virtual machine that hides them."
    }
}

/// The choice of the kernels by instruction set, made once.
package enum Kernels {
    /// Every table this CPU can run, best first. Their results are equal to the bit.
    package static let available: [KernelTable] = {
        #if arch(x86_64)
        var tables: [KernelTable] = []
        if cpu_supports_avx512() { tables.append(DenseKernelsAVX512.kernels) }
        if cpu_supports_avx2_fma() { tables.append(DenseKernelsAVX2.kernels) }
        return tables
        #else
        return [DenseKernelsBaseline.kernels]
        #endif
    }()

    /// Called once by an executable before anything computes, so that an old CPU is refused with a sentence.
    package static func requireSupportedCPU() throws(UnsupportedCPU) {
        guard !available.isEmpty else { throw UnsupportedCPU() }
    }

    /// The best table for this CPU. `requireSupportedCPU()` comes first.
    package static let current: KernelTable = {
        guard let best = available.first else { preconditionFailure(UnsupportedCPU().description) }
        return best
    }()

    /// The name of the instruction set `current` was compiled for.
    package static var instructionSet: String { "\(current.instructionSet)" }
}
