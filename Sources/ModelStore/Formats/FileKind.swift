/// The kinds of model files, as errors name them.
package enum FileKind: String, Hashable, Sendable, CaseIterable {
    case json = "JSON"
    case keras = "Keras"
    case hdf5 = "HDF5"
    case safeTensors = "safetensors"
    case npz = "NPZ"
    case npy = "NPY"
    case zip = "ZIP"
    case onnx = "ONNX"

    /// What kind a file is, by its first bytes; names and media types are not asked.
    ///
    /// A safetensors file begins with the 64 bit length of its header, whose upper bytes are zero, which no JSON text has.
    /// A zip is a Keras file when `KerasArchive` finds a model's configuration in it, and else an NPZ.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> FileKind {
        for (magic, kind) in magics where unsafe bytes.starts(with: magic) { return kind }
        if unsafe isSafeTensors(bytes) { return .safeTensors }
        return unsafe isONNX(bytes) ? .onnx : .json
    }

    /// Its first field is the version of the format, a small number, which no JSON text begins with.
    private static func isONNX(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 2 else { return false }
        return unsafe bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 0x40
    }

    private static let magics: [([UInt8], FileKind)] = [
        ([0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A], .hdf5), (Array("PK".utf8) + [3, 4], .zip),
        (Array("PK".utf8) + [5, 6], .zip), ([0x93] + Array("NUMPY".utf8), .npy),
    ]

    private static func isSafeTensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 8 else { return false }
        return unsafe bytes[6] == 0 && bytes[7] == 0 && bytes[8] == UInt8(ascii: "{")
    }
}
