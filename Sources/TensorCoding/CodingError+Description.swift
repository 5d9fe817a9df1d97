extension CodingError {
    /// Whose fault it is, as far as a status is concerned.
    package enum Category: Hashable, Sendable {
        /// Not the format it claims to be, or values of the wrong type: 400.
        case malformed
        /// Well-formed, but no tensor can be made of it, or none can be written: 422.
        case impossible
        /// Memory could not be had: 503.
        case exhausted
    }

    package var category: Category {
        switch self {
        case .invalidJSON, .nonFiniteToken, .tooDeep, .tooManyValues, .documentTooLarge, .wrongType, .notAnInteger,
            .duplicateField, .unknownField, .missingField, .invalidBase64, .invalidNumPyFile:
            .malformed
        case .numberOutOfRange, .ragged, .mixedNesting, .invalidShape, .elementCountMismatch, .byteCountMismatch,
            .unknownDType, .nonFiniteElement:
            .impossible
        case .outOfMemory: .exhausted
        }
    }

    /// A stable name for programs, in snake case.
    package var code: String {
        switch self {
        case .invalidJSON: "invalid_json"
        case .nonFiniteToken: "non_finite_token"
        case .tooDeep: "too_deep"
        case .tooManyValues: "too_many_values"
        case .documentTooLarge: "document_too_large"
        case .wrongType: "wrong_type"
        case .notAnInteger: "not_an_integer"
        case .numberOutOfRange: "number_out_of_range"
        case .duplicateField: "duplicate_field"
        case .unknownField: "unknown_field"
        case .missingField: "missing_field"
        case .ragged: "ragged_tensor"
        case .mixedNesting: "mixed_nesting"
        case .invalidShape: "invalid_shape"
        case .elementCountMismatch: "element_count_mismatch"
        case .byteCountMismatch: "byte_count_mismatch"
        case .unknownDType: "unknown_dtype"
        case .invalidBase64: "invalid_base64"
        case .nonFiniteElement: "non_finite_output"
        case .invalidNumPyFile: "invalid_npy"
        case .outOfMemory: "out_of_memory"
        }
    }

    /// Where in a JSON document it is.
    package var location: JSONLocation? {
        switch self {
        case .invalidJSON(_, let location), .nonFiniteToken(_, let location), .tooDeep(_, let location),
            .tooManyValues(_, let location), .wrongType(_, _, let location), .notAnInteger(_, let location),
            .numberOutOfRange(_, _, let location), .duplicateField(_, let location),
            .unknownField(_, _, let location), .missingField(_, let location), .ragged(_, _, let location),
            .mixedNesting(_, _, let location), .elementCountMismatch(_, _, let location),
            .invalidBase64(_, _, let location):
            location
        case .invalidShape(_, let location), .byteCountMismatch(_, _, _, let location), .unknownDType(_, let location):
            location
        case .documentTooLarge, .nonFiniteElement, .invalidNumPyFile, .outOfMemory: nil
        }
    }
}

extension CodingError: CustomStringConvertible {
    /// The sentence: what is wrong, what was expected, what was received.
    package var description: String { "\(code)" }
}
