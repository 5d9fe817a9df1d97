/// The floating-point types that layers compute in, and tensors have on the wire, little-endian there.
///
/// In memory the elements of all but float64 are float32, which holds those of float16 and bfloat16 exactly.
package enum DType: String, Hashable, Sendable, CaseIterable {
    case float32, float64, float16, bfloat16

    /// Bytes an element takes in files and on the wire.
    package var size: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    /// Whether elements have 16 bits.
    package var isHalf: Bool { self == .float16 || self == .bfloat16 }
}
