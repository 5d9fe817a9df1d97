/// The type a weight's elements have in files. In memory, outside of what is packed, those of all but float64 are float32,
/// which holds each of the others exactly.
package enum WeightType: Hashable, Sendable {
    case float(DType)
    case int8, uint8

    package static let float32 = WeightType.float(.float32)
}
