import DenseEngine
import Testing

@Suite struct ReshapeTests {
    @Test(
        "the axes behind the batch are replaced",
        arguments: [
            ([2, 12], [3, 4], [2, 3, 4]), ([2, 12], [3, -1], [2, 3, 4]), ([2, 3, 4], [-1], [2, 12]),
            ([2], [], [2]), ([2], [-1, 1], [2, 1, 1]), ([0, 12], [3, -1], [0, 3, 4]), ([2, 0], [0, 5], [2, 0, 5]),
        ])
    func shapes(shape: [Int], target: [Int], expected: [Int]) throws {
        let input = try Tensor(shape, (0..<shape.reduce(1, *)).map(Float.init))
        let output = try Reshape(targetShape: target)(input)
        #expect(output.shape.dimensions == expected)
        #expect(output.elements == input.elements)
    }

    @Test(
        "sizes that do not match are refused in Keras's words",
        arguments: [
            (
                [2, 10], [3, 4],
                "The total size of the tensor must be unchanged. Received: input_shape=(10,), target_shape=(3, 4)."
            ),
            (
                [2, 10], [3, -1],
                "The total size of the tensor must be unchanged, however, the input size cannot by divided by the "
                    + "specified dimensions in target_shape. Received: input_shape=(10,), target_shape=(3, -1)."
            ),
            (
                [2, 0], [0, -1],
                "The total size of the tensor must be unchanged, however, the input size cannot by divided by the "
                    + "specified dimensions in target_shape. Received: input_shape=(0,), target_shape=(0, -1)."
            ),
            (
                [2, 10], [.max, 2],
                "The total size of the tensor must be unchanged. Received: input_shape=(10,), "
                    + "target_shape=(9223372036854775807, 2)."
            ),
        ])
    func mismatches(shape: [Int], target: [Int], reason: String) throws {
        let input = try Tensor(shape, (0..<shape.reduce(1, *)).map(Float.init))
        #expect(
            engineError { () throws(EngineError) in _ = try Reshape(targetShape: target)(input) }
                == .incompatibleInput(layer: "reshape", shape: input.shape, reason: reason))
    }
}
