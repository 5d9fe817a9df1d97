import DenseEngine
import Testing

/// Records an issue that names the first of the elements, and how many, that are not what Keras gives.
///
/// - Parameter exact: bits must be equal; else `|a - b| <= 1e-6 + 1e-5 |b|`, NaN equal to NaN and infinities equal.
func expect(
    _ received: Tensor, equals expected: Tensor, exact: Bool = false, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard received.shape == expected.shape else {
        Issue.record(
            "the \(what) has shape \(received.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let wrong = received.elements.indices.filter {
        !isClose(received.elements[$0], expected.elements[$0], exact: exact)
    }
    guard let first = wrong.first else { return }
    Issue.record(
        """
        \(wrong.count) of \(expected.shape.count) elements of the \(what) are wrong, first element \(first): \
        received \(received.elements[first]), expected \(expected.elements[first])
        """, sourceLocation: sourceLocation)
}

func isClose(_ received: Float, _ expected: Float, exact: Bool) -> Bool {
    if expected.isNaN { return received.isNaN }
    // Zeros of both signs are one exact result: a sum of products that cancel may have either.
    if received == expected { return true }
    if exact || !expected.isFinite || !received.isFinite { return false }
    return abs(Double(received) - Double(expected)) <= 1e-6 + 1e-5 * abs(Double(expected))
}
