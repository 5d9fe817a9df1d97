package import DenseEngine

/// A forward reader over one JSON document. Every value is read exactly once, in the order it was written, and every
/// byte of the document is checked.
///
///     var reader = try JSONReader(bytes: body, padding: 64)
///     try reader.beginObject()
///     while let name = try reader.nextField() {
///         switch name {
///         case "input": input = try reader.readTensor()
///         case "layer": layer = try reader.readConfigValue()
///         default: throw reader.unknownField(allowed: ["input", "layer"])
///         }
///     }
///     try reader.finish()
///
/// After `nextField` gave a name, and after `nextElement` gave `true`, exactly one value has to be read (or skipped, or
/// begun). After an error the reader reads nothing more. `bytes` must outlive the reader and not change.
package struct JSONReader: ~Copyable {
    /// How deep arrays and objects may nest.
    package static let maximumDepth = 32

    /// Indexes the document: its text encoding and its strings' ends are checked here, the rest as it is read.
    ///
    /// - Parameters:
    ///   - padding: how many bytes after the end of `bytes` may be read, whatever they hold. 64 or more is fastest.
    ///   - allowsNonFinite: takes `NaN`, `Infinity` and `-Infinity` as numbers.
    package init(
        bytes: UnsafeRawBufferPointer, padding: Int = 0, allowsNonFinite: Bool = false
    ) throws(CodingError) {
        throw .outOfMemory(bytes: bytes.count)
    }

    /// The place of the value that comes next.
    package var location: JSONLocation { JSONLocation(offset: 0, pointer: "") }

    /// The kind of the value that comes next.
    package mutating func nextKind() throws(CodingError) -> JSONKind { throw .outOfMemory(bytes: 0) }

    /// Enters an object; `nextField` then walks it.
    package mutating func beginObject() throws(CodingError) { throw .outOfMemory(bytes: 0) }

    /// The name of the object's next member, whose value must be read next, or `nil` at the object's end, which leaves
    /// the object.
    package mutating func nextField() throws(CodingError) -> String? { throw .outOfMemory(bytes: 0) }

    /// Enters an array; `nextElement` then walks it.
    package mutating func beginArray() throws(CodingError) { throw .outOfMemory(bytes: 0) }

    /// Whether the array has another element, which must be read next. `false` leaves the array.
    package mutating func nextElement() throws(CodingError) -> Bool { throw .outOfMemory(bytes: 0) }

    package mutating func readString() throws(CodingError) -> String { throw .outOfMemory(bytes: 0) }

    /// A number without fraction or exponent that fits an `Int`.
    package mutating func readInt() throws(CodingError) -> Int { throw .outOfMemory(bytes: 0) }

    package mutating func readDouble() throws(CodingError) -> Double { throw .outOfMemory(bytes: 0) }

    package mutating func readBool() throws(CodingError) -> Bool { throw .outOfMemory(bytes: 0) }

    /// Reads `null` if that comes next, and says whether it did. Any other value stays unread.
    package mutating func readNull() throws(CodingError) -> Bool { throw .outOfMemory(bytes: 0) }

    /// Any value, at most 32 deep and 100,000 values large, no object with more than 1,024 members.
    package mutating func readConfigValue() throws(CodingError) -> ConfigValue { throw .outOfMemory(bytes: 0) }

    /// A tensor in any of its three forms: nested arrays, `{"shape", "data"}`, `{"shape", "dtype", "b64"}`. A bare
    /// number is a tensor of rank 0: whoever needs an axis checks the rank.
    package mutating func readTensor() throws(CodingError) -> Tensor { throw .outOfMemory(bytes: 0) }

    /// Checks a value and drops it.
    package mutating func skipValue() throws(CodingError) { throw .outOfMemory(bytes: 0) }

    /// The error for the member whose name was read last.
    package func unknownField(allowed: [String]) -> CodingError { .outOfMemory(bytes: 0) }

    /// The error for a member that the object being read, or read last, does not have.
    package func missingField(_ name: String) -> CodingError { .outOfMemory(bytes: 0) }

    /// Ends the reading: nothing but white space may follow the document's value.
    package mutating func finish() throws(CodingError) { throw .outOfMemory(bytes: 0) }
}
