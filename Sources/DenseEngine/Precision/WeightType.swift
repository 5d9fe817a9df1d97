/// The type a weight's elements have in files. In memory, outside of what is packed, they are float32, which holds each of
/// these exactly.
package enum WeightType: Sendable {
    case float32, int8
}

extension Layer {
    /// The type of one of its weights.
    package func type(ofWeight name: String) -> WeightType {
        if case .dense(let dense) = self, name == "kernel", !dense.configuration.policy.hasFloatKernel {
            .int8
        } else {
            .float32
        }
    }
}
