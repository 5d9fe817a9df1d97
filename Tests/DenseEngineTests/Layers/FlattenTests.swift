import DenseEngine
import Testing

@Suite struct FlattenTests {
    @Test(
        "all axes but the batch become one",
        arguments: [
            ([2, 3, 4], [2, 12]), ([2, 3], [2, 3]), ([2], [2, 1]), ([0, 3, 4], [0, 12]), ([2, 0, 4], [2, 0]),
        ])
    func shapes(shape: [Int], expected: [Int]) throws {
        let count = shape.reduce(1, *)
        let input = try Tensor(shape, (0..<count).map(Float.init))
        let output = try Flatten()(input)
        #expect(output.shape.dimensions == expected)
        #expect(output.elements == input.elements)
    }

    @Test("channels_first moves axis 1 to the end")
    func channelsFirst() throws {
        let layer = Flatten(dataFormat: .channelsFirst)
        let output = try layer(Tensor([1, 3, 4], (0..<12).map(Float.init)))
        #expect(output.elements == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
        #expect(output.shape.dimensions == [1, 12])
        #expect(try layer(Tensor([0, 3, 4], [])).shape.dimensions == [0, 12])
    }

    @Test("a single number has no batch")
    func scalar() throws {
        let input = try Tensor([], [1])
        #expect(
            engineError { () throws(EngineError) in _ = try Flatten()(input) }
                == .rankTooLow(layer: "flatten", minimum: 1, shape: input.shape))
    }
}
