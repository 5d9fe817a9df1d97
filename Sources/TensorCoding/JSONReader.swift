import CSimdjson

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
/// begun). What a reader gives after an error means nothing. `bytes` must outlive the reader and not change.
///
/// The reader walks along simdjson's index of the document, one step ("token") for each bracket, colon, comma, string,
/// number and word.
@safe
package struct JSONReader: ~Copyable {
    /// How deep arrays and objects may nest within a value that is read whole.
    package static let maximumDepth = Int(CSJ_MAXIMUM_RANK)

    let allowsNonFinite: Bool
    /// Whether tensors are read as float64.
    let readsDoubles: Bool
    let threads: CodingThreads

    /// The next token.
    var token = 0
    let document: csj_document
    /// Owns what `document` points to.
    private let index: JSONIndex
    /// The object or array that is being read, and those around it. The innermost by itself, so that a flat document needs
    /// no memory for them.
    private var frame: Frame?
    private var outer: [Frame] = []
    /// Where the object that was left last ended, for what it turns out to lack.
    private var endOfObject = 0

    /// An object or array that has been entered.
    private struct Frame {
        let isObject: Bool
        /// Members or elements begun so far.
        var count = 0
        var names = FieldNames()
        /// Where the name read last stands.
        var nameOffset = 0
    }

    /// Indexes the document: its encoding and its strings' ends are checked here, the rest as it is read.
    ///
    /// - Parameters:
    ///   - padding: how many bytes after the end of `bytes` may be read, whatever they hold. 32 or more is fastest.
    ///   - allowsNonFinite: takes `NaN`, `Infinity`, `Inf`, `-Infinity` and `-Inf` as numbers.
    ///   - readsDoubles: reads tensors as float64, each number as the nearest.
    ///   - threads: what large tensors may take.
    package init(
        bytes: UnsafeRawBufferPointer, padding: Int = 0, allowsNonFinite: Bool = false, readsDoubles: Bool = false,
        threads: CodingThreads = .all
    ) throws(CodingError) {
        index = unsafe try JSONIndex.of(bytes, padding: padding)
        unsafe document = index.document
        self.allowsNonFinite = allowsNonFinite
        self.readsDoubles = readsDoubles
        self.threads = threads
    }

    // MARK: Objects and arrays

    /// Enters an object; `nextField` then walks it.
    package mutating func beginObject() throws(CodingError) {
        try require(.object, "an object")
        token += 1
        enter(Frame(isObject: true))
    }

    /// The name of the object's next member, whose value must be read next, or `nil` at the object's end, which leaves
    /// the object.
    package mutating func nextField() throws(CodingError) -> String? {
        guard let count = frame?.count, frame?.isObject == true else { return nil }
        if peek() == UInt8(ascii: "}") {
            endOfObject = offset
            token += 1
            leave()
            return nil
        }
        if count > 0 { try expect(",", orElse: "',' or '}'") }
        guard peek() == UInt8(ascii: "\"") else {
            throw unexpected(count > 0 ? "a name in quotes" : "a name in quotes or '}'")
        }
        let start = offset
        let name = try string()
        let isNew = frame?.names.insert(name) ?? true
        frame?.count += 1
        frame?.nameOffset = start
        guard isNew else { throw .duplicateField(name, at: JSONLocation(offset: start, pointer: pointer)) }
        try expect(":", orElse: "':'")
        return name
    }

    /// Enters an array; `nextElement` then walks it.
    package mutating func beginArray() throws(CodingError) {
        try require(.array, "an array")
        token += 1
        enter(Frame(isObject: false))
    }

    /// Whether the array has another element, which must be read next. `false` leaves the array.
    package mutating func nextElement() throws(CodingError) -> Bool {
        guard let count = frame?.count, frame?.isObject == false else { return false }
        if peek() == UInt8(ascii: "]") {
            token += 1
            leave()
            return false
        }
        if count > 0 { try expect(",", orElse: "',' or ']'") }
        frame?.count += 1
        return true
    }

    private mutating func enter(_ inner: Frame) {
        if let frame { outer.append(frame) }
        frame = inner
    }

    private mutating func leave() { frame = outer.popLast() }

    /// Ends the reading: nothing but white space may follow the document's value.
    package mutating func finish() throws(CodingError) {
        guard !isAtEnd else { return }
        let count = unsafe document.count - offset
        throw .invalidJSON(.trailingBytes(count), at: JSONLocation(offset: offset, pointer: ""))
    }

    // MARK: Scalars

    /// The kind of the value that comes next.
    package func nextKind() throws(CodingError) -> JSONKind {
        switch peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"), UInt8(ascii: "I"): .number
        default: throw unexpected("a JSON value")
        }
    }

    package mutating func readString() throws(CodingError) -> String {
        try require(.string, "a string")
        return try string()
    }

    /// A number without fraction or exponent that fits an `Int`.
    package mutating func readInt() throws(CodingError) -> Int {
        try require(.number, "an integer")
        guard let value = integer() else {
            // A malformed number is reported as such before it is called no integer.
            let start = token
            _ = try double()
            token = start
            throw .notAnInteger(numberText, at: location)
        }
        return value
    }

    /// The float64 nearest to a number.
    package mutating func readDouble() throws(CodingError) -> Double {
        try require(.number, "a number")
        return try double()
    }

    package mutating func readBool() throws(CodingError) -> Bool {
        try require(.bool, "true or false")
        let value = peek() == UInt8(ascii: "t")
        try word(value ? "true" : "false")
        return value
    }

    /// Reads `null` if that comes next, and says whether it did. Any other value stays unread.
    package mutating func readNull() throws(CodingError) -> Bool {
        guard try nextKind() == .null else { return false }
        try word("null")
        return true
    }

    /// Refuses a next value of another kind. `expected` is the kind with its article.
    func require(_ kind: JSONKind, _ expected: String) throws(CodingError) {
        let received = try nextKind()
        guard received == kind else { throw .wrongType(expected: expected, received: received, at: location) }
    }

    // MARK: Errors

    /// The place of the value that comes next.
    package var location: JSONLocation { JSONLocation(offset: offset, pointer: pointer) }

    /// The error for the member whose name was read last.
    package func unknownField(allowed: [String]) -> CodingError {
        let location = JSONLocation(offset: frame?.nameOffset ?? 0, pointer: pointer)
        return .unknownField(frame?.names.last ?? "", allowed: allowed, at: location)
    }

    /// The error for a member that the object left last does not have. Before anything else is read.
    package func missingField(_ name: String) -> CodingError {
        .missingField(name, at: JSONLocation(offset: endOfObject, pointer: pointer))
    }

    /// The JSON pointer of the value that is being read, or comes next.
    var pointer: String {
        (outer + (frame.map { [$0] } ?? [])).filter { $0.count > 0 }.reduce(into: "") { pointer, frame in
            pointer += "/" + (frame.isObject ? JSONPointer.escaped(frame.names.last) : String(frame.count - 1))
        }
    }
}
