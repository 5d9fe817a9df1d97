internal import DenseEngine
internal import TensorCoding

/// The type of a dataset's or attribute's elements (section IV.A.2.d), as far as weights and names have them.
enum HDF5Datatype {
    case number(NumPyType)
    /// Two bytes that say nothing of themselves: what h5py makes of bfloat16. Keras says it in the attribute `dtype`.
    case opaque(Int)
    case fixedString(Int)
    case variableString
    case other(String)

    /// Reads the encoded type.
    init(_ cursor: inout FileCursor) throws(ModelFileError) {
        let head = try cursor.integer(1)
        let bits = try cursor.integer(3)
        let size = try cursor.integer(4)
        switch head & 15 {
        case 0:
            let place = (try cursor.integer(2), try cursor.integer(2))
            let order = bits & 1 == 0 ? "<" : ">"
            let type = NumPyType(description: "\(order)\(bits & 8 == 0 ? "u" : "i")\(size)")
            let isPlain = place == (0, size &* 8) && bits & 6 == 0
            self = type.flatMap { isPlain ? .number($0) : nil } ?? .other("integers of a rare form")
        case 1: self = try Self.float(&cursor, bits: bits, size: size)
        case 3: self = .fixedString(size)
        case 5: self = .opaque(size)
        case 9: self = bits & 15 == 1 ? .variableString : .other("sequences of variable length")
        default: self = .other(Self.names[head & 15] ?? "class \(head & 15)")
        }
    }

    private static let names = [
        2: "times", 4: "bit fields", 6: "compounds", 7: "references", 8: "enumerations",
        10: "arrays", 11: "complex numbers",
    ]

    /// IEEE's formats alone: sign, exponent and significand where they have to be.
    private static func float(
        _ cursor: inout FileCursor, bits: Int, size: Int
    ) throws(ModelFileError) -> HDF5Datatype {
        let place = (try cursor.integer(2), try cursor.integer(2))
        let exponent = (try cursor.integer(1), try cursor.integer(1))
        let significand = (try cursor.integer(1), try cursor.integer(1))
        let bias = try cursor.integer(4)
        let isIEEE =
            place == (0, size &* 8) && significand.0 == 0 && exponent.0 == significand.1 && bits & 0x40 == 0
            && bits >> 8 & 0xFF == size &* 8 - 1 && bits >> 4 & 3 == 2
        let order = bits & 1 == 0 ? "<" : ">"
        guard isIEEE, let type = NumPyType(description: "\(order)f\(size)") else {
            return .other("floating-point numbers of a rare form")
        }
        switch (size, exponent.1, significand.1, bias) {
        case (2, 5, 10, 15), (4, 8, 23, 127), (8, 11, 52, 1023): return .number(type)
        case (2, 8, 7, 127) where order == "<": return .opaque(2)
        default: return .other("floating-point numbers of a rare form")
        }
    }

    /// In words, for errors.
    var name: String {
        switch self {
        case .number(let type): "numbers of \(type.size) bytes"
        case .opaque(let size): "opaque elements of \(size) bytes"
        case .fixedString, .variableString: "strings"
        case .other(let name): name
        }
    }
}

/// The shape of a dataset or attribute (section IV.A.2.b).
enum HDF5Dataspace {
    /// Nil for the null space, which has no elements and no shape.
    static func shape(_ cursor: inout FileCursor) throws(ModelFileError) -> Shape? {
        let offset = cursor.offset
        let version = try cursor.integer(1)
        let rank = try cursor.integer(1)
        try cursor.skip(1)
        switch version {
        case 1: try cursor.skip(5)
        case 2: if try cursor.integer(1) == 2 { return nil }
        default: throw .unsupported(.hdf5, message: "A dataspace has version \(version). Expected 1 or 2.")
        }
        guard rank <= 32 else {
            throw .damaged(.hdf5, message: "Expected at most 32 axes, received \(rank).", offset: offset)
        }
        var dimensions: [Int] = []
        for _ in 0..<rank { dimensions.append(try cursor.integer(8)) }
        do throws(EngineError) { return try Shape(dimensions) } catch {
            throw .damaged(.hdf5, message: error.description, offset: offset)
        }
    }
}
