import DenseEngine

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
            .integerOutOfRange, .duplicateField, .unknownField, .missingField, .invalidBase64, .invalidNumPyFile:
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
        case .integerOutOfRange: "integer_out_of_range"
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
            .numberOutOfRange(_, _, let location), .integerOutOfRange(_, _, let location),
            .duplicateField(_, let location),
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
    package var description: String {
        switch self {
        case .invalidJSON(let fault, let location):
            "The text is not JSON: \(fault) (byte \(location.offset))."
        case .nonFiniteToken(let token, _):
            "NaN and infinities are not JSON. Expected a finite number, received \(token)."
        case .tooDeep(let limit, _):
            "Arrays and objects nest too deeply. Expected at most \(limit) levels, received more."
        case .tooManyValues(let limit, _):
            "The value is too large for a configuration. Expected at most \(limit) parts, received more."
        case .documentTooLarge(let limit, let received):
            "The document is too large. Expected at most \(limit) bytes, received \(received)."
        case .wrongType(let expected, let received, _):
            "The value has the wrong type. Expected \(expected), received \(received.withArticle)."
        case .notAnInteger(let text, _):
            "The number is not an integer of 64 bits. Expected an integer, received \(text)."
        case .numberOutOfRange(let text, let type, _):
            "The number is out of range for \(type.rawValue). Expected at most "
                + "\(type.largest) in magnitude, received \(text)."
        case .integerOutOfRange(let value, let allowed, _):
            "The number is out of range. Expected \(allowed.lowerBound) to \(allowed.upperBound), received \(value)."
        case .duplicateField(let name, _):
            "The key \(name.quoted) comes twice. Expected each key once, received it again."
        case .unknownField(let name, let allowed, _):
            "The key \(name.quoted) is unknown. Expected one of \(allowed.map { "'\($0)'" }.joined(separator: ", "))."
        case .missingField(let name, _):
            "The key '\(name)' is missing. Expected it in the object that ends here, received none."
        case .ragged(let expected, let received, _):
            "The nesting is ragged: arrays of one depth must be equally long. Expected \(expected) elements as in the "
                + "first, received \(received)."
        case .mixedNesting(let expected, let received, _):
            "Numbers and arrays stand side by side. Expected \(expected.withArticle) like the first element at this "
                + "depth, received \(received.withArticle)."
        case .invalidShape(let dimensions, _):
            "The shape is not usable. Expected at most 32 axes of zero or more, whose product fits 63 bits, and no more "
                + "than 1048576 rows of nothing; received \(dimensions)."
        case .elementCountMismatch(let shape, let received, _):
            "The number of elements must match the shape. Expected \(shape.count) for shape \(shape.dimensions), "
                + "received \(received)."
        case .byteCountMismatch(let shape, let dtype, let received, _):
            "The number of bytes must match shape and dtype. Expected \(shape.count) * \(dtype.size) for shape "
                + "\(shape.dimensions) of \(dtype.rawValue), received \(received)."
        case .unknownDType(let name, _):
            "The dtype is unknown. Expected one of "
                + "\(DType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")), received \(name.quoted)."
        case .invalidBase64(let fault, let index, _):
            "The text is not base64: \(fault) (character \(index))."
        case .nonFiniteElement(let value, _, let pointer):
            "The output is not finite, which JSON cannot say. Expected finite numbers, or another 'non_finite' than "
                + "'error'; received \(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity") at "
                + "\(pointer.isEmpty ? "the only element" : pointer)."
        case .invalidNumPyFile(let fault):
            "The bytes are not a NumPy file that can be read: \(fault)."
        case .outOfMemory(let bytes):
            "Memory is short. Expected to read a document of \(bytes) bytes, received too little for its index."
        }
    }
}

extension DType {
    /// The largest number there is, as text.
    fileprivate var largest: String {
        switch self {
        case .float32: "3.4028235e38"
        case .float64: "1.7976931348623157e308"
        case .float16: "65504"
        case .bfloat16: "3.3895314e38"
        }
    }
}

extension JSONKind {
    fileprivate var withArticle: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .bool: "a boolean"
        case .null: "null"
        }
    }
}

extension JSONFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "there is nothing but white space. Expected a value, received none"
        case .byteOrderMark: "it begins with a byte order mark. Expected a value, received the bytes EF BB BF"
        case .invalidUTF8: "a character is not UTF-8"
        case .unterminatedString: "a string is not closed. Expected '\"', received the end of the text"
        case .controlCharacter(let byte):
            "a string holds a control character. Expected an escape, received byte \(byte)"
        case .invalidEscape: "a string holds an unknown escape. Expected one of RFC 8259"
        case .loneSurrogate: "a string holds half a surrogate pair. Expected both halves, received one"
        case .invalidNumber: "a number is malformed"
        case .invalidLiteral: "a word is unknown. Expected true, false or null"
        case .unexpectedByte(let byte, let expected):
            (0x21..<0x7F).contains(byte)
                ? "Expected \(expected), received '\(Unicode.Scalar(byte))'"
                : "Expected \(expected), received byte \(byte)"
        case .unexpectedEnd(let expected): "it ends too early. Expected \(expected), received the end of the text"
        case .trailingBytes(let count):
            "something follows the value. Expected the end of the text, received \(count) more bytes"
        }
    }
}

extension Base64Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidCharacter(let byte):
            "a character is outside the alphabet A-Z a-z 0-9 + /. Received byte \(byte)"
        case .length(let length): "the length must be a multiple of four, padded with '='. Received \(length)"
        case .padding: "'=' stands elsewhere than at the end"
        case .trailingBits: "the last character carries bits that belong to no byte. Expected zeros"
        }
    }
}

extension NumPyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notNumPy: "it does not begin with the bytes 93 4E 55 4D 50 59"
        case .unsupportedVersion(let major, let minor):
            "the version is unknown. Expected 1.0, 2.0 or 3.0, received \(major).\(minor)"
        case .truncated(let part, let expected, let received):
            "the \(part) is cut off. Expected \(expected) bytes, received \(received)"
        case .headerTooLarge(let limit, let received):
            "the header is too large. Expected at most \(limit) bytes, received \(received)"
        case .invalidHeader(let reason, let offset): "its header is malformed: \(reason) (byte \(offset))"
        case .unsupportedType(let descr):
            "the element type is not supported. Expected f2, f4, f8, i1 to i8, u1 to u8 or b1, received '\(descr)'"
        case .dataSize(let shape, let expected, let received):
            "the data must be as long as the header says. Expected \(expected) bytes for shape \(shape), "
                + "received \(received)"
        }
    }
}
