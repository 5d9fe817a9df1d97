import DenseEngine
import TensorCoding
import Testing

@Suite("Golden data from Keras, of other types than float32")
struct DTypeTests {
    static let files = Result { [try GoldenFile.dtypes(), try GoldenFile.float64()] }
    static let cases = ((try? files.get()) ?? []).flatMap(\.cases)

    @Test("there are enough cases, each with a name of its own")
    func enough() throws {
        let files = try Self.files.get()
        #expect(files.allSatisfy { $0.header.hasPrefix("keras 3.") })
        #expect(files[0].cases.count >= 100 && files[1].cases.count >= 30)
        #expect(Set(Self.cases.map(\.name)).count == Self.cases.count)
    }

    @Test("layers give Keras's output, in Keras's type", arguments: cases)
    func outputs(golden: GoldenCase) throws {
        let input = try golden.tensor("input")
        let weights = try golden.layerTensors("weights")
        let specifications = try Self.layers(golden).enumerated().map { index, layer in
            LayerSpecification(layer.configuration, weights: weights[index], inputShape: layer.inputShape)
        }
        let model = try Sequential(specifications, inputShape: input.shape)
        let output = try model(input).output
        #expect(output.type.rawValue == golden.texts["dtype"])
        try Self.compare(output, try golden.tensor("output"), in: golden)
        // In blocks or layer by layer: the same bits.
        let other = try model(input, cut: .layers).output
        #expect(other.type == output.type)
        #expect(other.elements.map(\.bitPattern) == output.elements.map(\.bitPattern))
        #expect(other.doubles?.map(\.bitPattern) == output.doubles?.map(\.bitPattern))
    }

    @Test("a configuration is written as Keras writes it", arguments: cases)
    func writing(golden: GoldenCase) throws {
        guard case .array(let originals) = try golden.configuration("config") else { return }
        for original in originals {
            #expect(try LayerSpecification(original).serialized.canonical == original.canonical)
        }
    }

    private static func layers(_ golden: GoldenCase) throws -> [LayerSpecification] {
        try LayerSpecification.list(golden.configuration("config"))
    }

    /// Bits where the arithmetic is exact. Else units of the last place: Keras's NumPy backend rounds each step of a formula
    /// to the type, so its own error is that of the largest number on the way, which is no smaller than 1 in most.
    private static func compare(_ output: Tensor, _ expected: Tensor, in golden: GoldenCase) throws {
        #expect(output.shape == expected.shape)
        let isExact = golden.texts["exact"] != nil
        let limit = isExact ? 0 : Double(golden.texts["ulps"] ?? "") ?? 2
        var worst = (units: 0.0, index: 0)
        for (index, pair) in zip(output.asDoubles, expected.asDoubles).enumerated() {
            let (received, wanted) = pair
            if received == wanted || received.isNaN && wanted.isNaN { continue }
            let unit = max(wanted.magnitude, isExact ? 0 : smallest(golden)) * units(output.type)
            let distance = (received - wanted).magnitude / unit
            if !(distance <= worst.units) { worst = (distance, index) }
        }
        #expect(
            worst.units <= limit,
            """
            \(golden.name): element \(worst.index) is \(worst.units) units off: received \
            \(output.asDoubles[worst.index]), expected \(expected.asDoubles[worst.index])
            """)
    }

    /// Of a type, relative to a number; the largest it may be.
    private static func units(_ type: DType) -> Double {
        switch type {
        case .float16: 0x1p-10
        case .bfloat16: 0x1p-7
        case .float32: 0x1p-20
        case .float64: 0x1p-44
        }
    }

    /// Below this a difference is measured as if the number were so large.
    private static func smallest(_ golden: GoldenCase) -> Double {
        golden.texts["smallest"].flatMap(Double.init) ?? 0.25
    }
}
