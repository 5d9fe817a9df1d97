internal import Glibc

/// Another library's float32 product, loaded at run time where it is installed.
@safe struct Peer: Sendable {
    let name: String
    /// The function that is called.
    let function: String
    private let product: Product
    private let setThreads: (@convention(c) @Sendable (Int32) -> Void)?

    @safe private enum Product: Sendable {
        case blas(CBLAS)
        case oneDNN(OneDNN)
    }

    private typealias CBLAS =
        @convention(c) @Sendable (
            _ order: Int32, _ transA: Int32, _ transB: Int32, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Float,
            _ a: UnsafePointer<Float>, _ lda: Int32, _ b: UnsafePointer<Float>, _ ldb: Int32, _ beta: Float,
            _ c: UnsafeMutablePointer<Float>, _ ldc: Int32
        ) -> Void

    private typealias OneDNN =
        @convention(c) @Sendable (
            _ transA: CChar, _ transB: CChar, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
            _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
            _ c: UnsafeMutablePointer<Float>, _ ldc: Int
        ) -> Int32

    /// `nil` when it is not installed.
    static let openBLAS: Peer? = {
        guard let library = unsafe open(["libopenblas.so.0", "libopenblas.so"]),
            let product = unsafe dlsym(library, "cblas_sgemm")
        else { return nil }
        return unsafe Peer(
            name: "OpenBLAS", function: "cblas_sgemm", product: .blas(unsafeBitCast(product, to: CBLAS.self)),
            threads: dlsym(library, "openblas_set_num_threads"))
    }()

    /// `nil` when it is not installed.
    static let oneDNN: Peer? = {
        guard let library = unsafe open(["libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"]),
            let product = unsafe dlsym(library, "dnnl_sgemm")
        else { return nil }
        // Found in the OpenMP library that oneDNN needs.
        return unsafe Peer(
            name: "oneDNN", function: "dnnl_sgemm", product: .oneDNN(unsafeBitCast(product, to: OneDNN.self)),
            threads: dlsym(library, "omp_set_num_threads"))
    }()

    private init(name: String, function: String, product: Product, threads: UnsafeMutableRawPointer?) {
        self.name = name
        self.function = function
        self.product = product
        setThreads = unsafe threads.map {
            unsafe unsafeBitCast($0, to: (@convention(c) @Sendable (Int32) -> Void).self)
        }
    }

    private static func open(_ names: [String]) -> UnsafeMutableRawPointer? {
        for name in names {
            if let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) { return unsafe library }
        }
        return nil
    }

    func use(threads: Int) { setThreads?(Int32(threads)) }

    /// `output = input * kernel`, all row-major.
    func multiply(
        _ input: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
        _ size: ProductSize
    ) {
        let (m, k, n) = (size.rows, size.inputDimension, size.units)
        switch product {
        case .blas(let sgemm):
            // Row-major, nothing transposed.
            unsafe sgemm(
                101, 111, 111, Int32(m), Int32(n), Int32(k), 1, input, Int32(k), kernel, Int32(n), 0, output, Int32(n))
        case .oneDNN(let sgemm):
            let plain = CChar(78)  // "N"
            _ = unsafe sgemm(plain, plain, m, n, k, 1, input, k, kernel, n, 0, output, n)
        }
    }
}
