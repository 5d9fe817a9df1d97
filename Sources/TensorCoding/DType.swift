/// The element types tensors have on the wire, little-endian there. In memory everything is float32.
package enum DType: String, Hashable, Sendable, CaseIterable {
    case float32, float64, float16, bfloat16

    /// Bytes an element takes.
    package var size: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    /// - Throws: `CodingError.unknownDType`.
    package init(name: String) throws(CodingError) {
        guard let type = DType(rawValue: name) else { throw .unknownDType(name, at: nil) }
        self = type
    }
}
