/// The type a weight's elements have in files. In memory, outside of what is packed, they are float32, which holds each of
/// these exactly.
package enum WeightType: Sendable {
    case float32, int8, uint8
}
