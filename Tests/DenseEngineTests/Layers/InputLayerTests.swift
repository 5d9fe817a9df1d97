import DenseEngine
import Testing

@Suite struct InputLayerTests {
    @Test(
        "a shape that agrees passes, with one trailing axis of size 1 more or less",
        arguments: [
            ([nil, 4], [2, 4], [2, 4]), ([32, 4], [2, 4], [2, 4]), ([nil, nil, 4], [2, 9, 4], [2, 9, 4]),
            ([nil, 4], [2, 4, 1], [2, 4]), ([nil, 4, 1], [2, 4], [2, 4, 1]), ([nil, 0], [2, 0], [2, 0]), ([], [], []),
        ] as [([Int?], [Int], [Int])])
    func agrees(batchShape: [Int?], shape: [Int], expected: [Int]) throws {
        let input = try Tensor(shape, Array(repeating: 1, count: shape.reduce(1, *)))
        #expect(try InputLayer(batchShape: batchShape)(input).shape.dimensions == expected)
    }

    @Test(
        "a shape that does not agree is refused",
        arguments: [
            ([nil, 4], [4], "expected shape=(None, 4), found shape=(4,)."),
            ([nil, 4], [2, 2, 4], "expected shape=(None, 4), found shape=(2, 2, 4)."),
            ([nil, 3, 4], [2, 2, 4], "expected shape=(None, 3, 4), found shape=(2, 2, 4)."),
            ([nil, 4], [], "expected shape=(None, 4), found shape=()."),
        ] as [([Int?], [Int], String)])
    func refuses(batchShape: [Int?], shape: [Int], reason: String) throws {
        let input = try Tensor(shape, Array(repeating: 1, count: shape.reduce(1, *)))
        #expect(
            engineError { () throws(EngineError) in _ = try InputLayer(batchShape: batchShape)(input) }
                == .incompatibleInput(layer: "input_layer", shape: input.shape, reason: reason))
    }

    @Test("a last axis of the wrong size is refused as Dense refuses it")
    func lastAxis() throws {
        let input = try Tensor([2, 3], Array(repeating: 1, count: 6))
        #expect(
            engineError { () throws(EngineError) in _ = try InputLayer(batchShape: [nil, 4], name: "x")(input) }
                == .lastAxisMismatch(layer: "x", expected: 4, shape: input.shape))
    }
}
