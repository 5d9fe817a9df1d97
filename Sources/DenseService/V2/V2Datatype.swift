internal import DenseEngine
internal import TensorCoding

/// The datatypes of the Open Inference Protocol, and BF16, which Triton adds.
enum V2Datatype: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case uint8 = "UINT8"
    case uint16 = "UINT16"
    case uint32 = "UINT32"
    case uint64 = "UINT64"
    case int8 = "INT8"
    case int16 = "INT16"
    case int32 = "INT32"
    case int64 = "INT64"
    case fp16 = "FP16"
    case bf16 = "BF16"
    case fp32 = "FP32"
    case fp64 = "FP64"
    case bytes = "BYTES"

    /// The datatype of a floating-point type.
    init(_ type: DType) {
        switch type {
        case .float16: self = .fp16
        case .bfloat16: self = .bf16
        case .float32: self = .fp32
        case .float64: self = .fp64
        }
    }

    /// What its elements are; nil for BYTES, which are no numbers.
    var element: ElementType? {
        switch self {
        case .bool: .bool
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .fp16: .float16
        case .bf16: .bfloat16
        case .fp32: .float32
        case .fp64: .float64
        case .bytes: nil
        }
    }
}
