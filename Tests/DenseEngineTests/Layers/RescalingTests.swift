import DenseEngine
import Testing

@Suite struct RescalingTests {
    @Test("scale and offset are applied with a rounding each")
    func scalar() throws {
        let layer = Rescaling(scale: ConfigArray(1.0 / 255), offset: ConfigArray(-0.5))
        let values: [Float] = [0, 1, 17, 128, 254, 255]
        let expected = values.map { ($0 * Float(1.0 / 255)) + Float(-0.5) }
        #expect(try layer(Tensor([2, 3], values)).elements == expected)
    }

    @Test("arrays are broadcast over the last axes")
    func arrays() throws {
        let layer = Rescaling(
            scale: try ConfigArray(shape: Shape([2]), elements: [2, 4]),
            offset: try ConfigArray(shape: Shape([2, 1]), elements: [1, -1]))
        // [batch 1, 2, 2]: scales along the last axis, offsets along the one before.
        #expect(try layer(Tensor([1, 2, 2], [1, 2, 3, 4])).elements == [3, 9, 5, 15])
        #expect(try layer(Tensor([0, 2, 2], [])).elements == [])
    }

    @Test("an array that does not fit is refused", arguments: [[2, 3], [3, 2, 1], [2]])
    func mismatch(shape: [Int]) throws {
        let layer = Rescaling(scale: try ConfigArray(shape: Shape([1, 2]), elements: [2, 4]))
        let input = try Tensor(shape, Array(repeating: 1, count: shape.reduce(1, *)))
        #expect(
            engineError { () throws(EngineError) in _ = try layer(input) }
                == .incompatibleInput(
                    layer: "rescaling", shape: input.shape,
                    reason: "`scale` of shape (1, 2) cannot be broadcast to the input's shape."))
    }
}
