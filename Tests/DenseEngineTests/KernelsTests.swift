import DenseEngine
import DenseKernelTable
import Testing

@Suite("The choice of kernels")
struct KernelsTests {
    @Test("the best table of this CPU is chosen")
    func best() throws {
        try Kernels.requireSupportedCPU()
        let names = Kernels.available.map { "\($0.instructionSet)" }
        #expect("\(Kernels.current.instructionSet)" == names.first)
        #expect([["avx512", "avx2"], ["avx2"], ["baseline"]].contains(names))
    }

    @Test("an old CPU is told what is missing")
    func refusal() {
        #expect("\(UnsupportedCPU())".contains("AVX2"))
    }
}
