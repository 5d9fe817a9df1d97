/// What the layers need of an activation, until activations can be applied.
extension Activation {
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        guard self != .linear else { return input }
        throw .unsupported(path: [], message: "The activation \(name) cannot be applied yet.")
    }

    package func outputShape(for shape: Shape) throws(EngineError) -> Shape { shape }

    package func warning(for shape: Shape) -> String? { nil }
}
