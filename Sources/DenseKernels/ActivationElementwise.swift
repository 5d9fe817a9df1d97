import DenseKernelTable

/// Applies an element-wise activation in place.
func applyElementwise(_ activation: ElementwiseActivation, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count where activation.operation == .relu {
        let value = unsafe values[index]
        unsafe values[index] = value <= 0 ? 0 : value
    }
}
