import DenseEngine
import DenseKernelTable
import TensorCoding
import Testing
import dense_bench

@Suite("The engine's benchmark")
struct EngineBenchmarkTests {
    @Test("a short run has positive, finite figures on every instruction set", arguments: Kernels.available.indices)
    func figures(_ index: Int) throws {
        let report = try report(Kernels.available[index], filter: "1x8x4", seconds: 0.001)
        for rates in [report.limits.oneThread, report.limits.twoThreads] {
            #expect(isFigure(rates.operations))
            #expect(rates.bytes.count == MemoryLevel.allCases.count && rates.bytes.values.allSatisfy(isFigure))
        }
        let result = try #require(report.products.first)
        #expect(result.size == ProductSize(1, 8, 4) && result.threads == 1)
        #expect(isFigure(result.time.best) && result.time.best <= result.time.median)
        #expect(isFigure(result.percent) && isFigure(result.operationsPerSecond) && isFigure(result.bytesPerSecond))
    }

    @Test("a filter chooses products and activations by their names")
    func filter() throws {
        let report = try report(Kernels.current, filter: "softmax/1", seconds: 0.001)
        #expect(report.products.isEmpty && report.packing == nil)
        let columns = [10, 16, 100, 128, 1000]
        let names = ["softmax", "log_softmax"].flatMap { name in columns.map { "\(name)/\($0)" } }
        #expect(report.activations.map(\.name) == names)
        #expect(report.activations.allSatisfy { isFigure($0.nanosecondsPerElement) && isFigure($0.percent) })
        let elements = [4090, 4096, 4000, 4096, 4000]
        #expect(report.activations.map(\.elements) == elements + elements)
        #expect(report.text.contains("log_softmax/128 ") && report.text.contains("L3 GB/s"))
    }

    @Test("the JSON can be read, and has the figures")
    func json() throws {
        let report = try report(Kernels.current, filter: "1x128x128", seconds: 0.001)
        let text = String(decoding: report.json, as: UTF8.self)
        guard case .object(let members) = try ConfigValue(json: text), case .array(let products) = members["products"],
            case .object(let product) = products.first
        else {
            Issue.record("no object with products: \(text)")
            return
        }
        #expect(product["size"] == .array([.int(1), .int(128), .int(128)]))
        #expect(product["threads"] == .int(1))
        let percent = try #require(report.products.first).percent
        #expect(product["percent"] == .double(percent))
    }

    private func report(_ kernels: KernelTable, filter: String, seconds: Double) throws -> EngineReport {
        try EngineBenchmark(kernels: kernels, seconds: seconds, comparesPeers: false, filter: filter).run()
    }

    private func isFigure(_ value: Double) -> Bool { value > 0 && value.isFinite }
}
