package import DenseEngine

/// What can be wrong with a document that carries tensors: JSON text, a `.npy` file, raw octets, or a tensor that
/// cannot be written. Cases carry facts; `description` makes the sentence, `code` the stable name.
package enum CodingError: Error, Hashable, Sendable {
    // MARK: JSON text

    /// The text is not JSON.
    case invalidJSON(JSONFault, at: JSONLocation)
    /// `NaN`, `Infinity` or `-Infinity`, which are not JSON and were not allowed.
    case nonFiniteToken(String, at: JSONLocation)
    case tooDeep(limit: Int, at: JSONLocation)
    /// More values than a configuration may hold, or more members than one of its objects may.
    case tooManyValues(limit: Int, at: JSONLocation)
    case documentTooLarge(limit: Int, received: Int)

    // MARK: JSON values

    /// A value of another type. `expected` comes with its article: `"a string"`.
    case wrongType(expected: String, received: JSONKind, at: JSONLocation)
    /// A number that is no integer, or does not fit 64 bits.
    case notAnInteger(String, at: JSONLocation)
    /// A number that overflows `type`: `float32` in tensors, `float64` elsewhere.
    case numberOutOfRange(String, type: DType, at: JSONLocation)
    /// An integer outside the range that the place takes.
    case integerOutOfRange(Int, allowed: ClosedRange<Int>, at: JSONLocation)
    case duplicateField(String, at: JSONLocation)
    case unknownField(String, allowed: [String], at: JSONLocation)
    case missingField(String, at: JSONLocation)

    // MARK: Tensors in JSON

    /// An array with another length than its first sibling.
    case ragged(expected: Int, received: Int, at: JSONLocation)
    /// A number beside an array, or the other way round.
    case mixedNesting(expected: JSONKind, received: JSONKind, at: JSONLocation)
    case invalidShape([Int], at: JSONLocation?)
    case elementCountMismatch(shape: Shape, received: Int, at: JSONLocation)
    case byteCountMismatch(shape: Shape, dtype: DType, received: Int, at: JSONLocation?)
    case unknownDType(String, at: JSONLocation?)
    /// Base64 text that breaks the alphabet, the padding or the length rule, at `index` within the decoded string.
    case invalidBase64(Base64Fault, index: Int, at: JSONLocation)
    /// A tensor that JSON cannot carry. `pointer` leads to the element: from the tensor, or
    /// from the document it was to stand in.
    case nonFiniteElement(Float, index: Int, pointer: String)

    // MARK: NumPy files

    case invalidNumPyFile(NumPyFault)

    /// Memory for reading the document could not be had.
    case outOfMemory(bytes: Int)
}

/// A place in a JSON document.
package struct JSONLocation: Hashable, Sendable {
    /// Bytes before the place.
    package let offset: Int
    /// The JSON pointer (RFC 6901) of the value there; empty for the document itself.
    package let pointer: String

    package init(offset: Int, pointer: String) {
        self.offset = offset
        self.pointer = pointer
    }
}

/// The kinds of JSON values.
package enum JSONKind: Hashable, Sendable {
    case object, array, string, number, bool, null
}

/// Why a text is not JSON.
package enum JSONFault: Hashable, Sendable {
    case empty
    case byteOrderMark
    case invalidUTF8
    case unterminatedString
    /// A byte below 0x20 inside a string.
    case controlCharacter(UInt8)
    case invalidEscape
    /// Half a surrogate pair, written as an escape.
    case loneSurrogate
    case invalidNumber
    /// A word that is not `true`, `false` or `null`.
    case invalidLiteral
    case unexpectedByte(UInt8, expected: String)
    case unexpectedEnd(expected: String)
    case trailingBytes(Int)
}

/// Why a text is not base64 (RFC 4648, section 4, without line breaks).
package enum Base64Fault: Hashable, Sendable {
    case invalidCharacter(UInt8)
    /// The length is no multiple of four.
    case length(Int)
    /// `=` elsewhere than at the end, or more than two.
    case padding
    /// The bits the last character carries beyond the data are not zero.
    case trailingBits
}

/// Why bytes are not a NumPy file this server reads.
package enum NumPyFault: Hashable, Sendable {
    case notNumPy
    case unsupportedVersion(Int, Int)
    /// Fewer bytes than the part of the file named needs.
    case truncated(part: String, expected: Int, received: Int)
    case headerTooLarge(limit: Int, received: Int)
    /// The header is not the dictionary it has to be. `reason` is a clause: `"the key 'shape' is missing"`.
    case invalidHeader(reason: String, offset: Int)
    case unsupportedType(String)
    case dataSize(shape: [Int], expected: Int, received: Int)
}
