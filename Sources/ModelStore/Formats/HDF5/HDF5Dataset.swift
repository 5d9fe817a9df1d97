internal import DenseEngine
internal import TensorCoding

/// A dataset: an array of numbers, described but not read yet.
struct HDF5Dataset {
    let name: String
    let shape: Shape
    let type: HDF5Datatype
    private let file: HDF5File
    private let layout: HDF5Layout
    private let filters: [HDF5Filter]

    /// - Throws: `unsupported` when the object is no dataset.
    init(_ file: HDF5File, at address: Int, name: String) throws(ModelFileError) {
        var shape: Shape?
        var type: HDF5Datatype?
        var layout: HDF5Layout?
        var filters: [HDF5Filter] = []
        for message in try file.messages(at: address) {
            switch message.kind {
            case .dataspace:
                var cursor = try message.cursor("dataspace")
                shape = try HDF5Dataspace.shape(&cursor)
            case .datatype:
                var cursor = try message.cursor("datatype")
                type = try HDF5Datatype(&cursor)
            case .dataLayout:
                var cursor = try message.cursor("layout")
                layout = try HDF5Layout(&cursor)
            case .filterPipeline:
                var cursor = try message.cursor("filters")
                filters = try HDF5Filter.pipeline(&cursor)
            default: break
            }
        }
        guard let shape, var type, let layout else {
            throw .mismatch(
                .hdf5, message: "\(name.quoted) in the HDF5 file is no dataset. Expected an array of numbers.")
        }
        if case .opaque(2) = type, try file.strings("dtype", at: address) != ["bfloat16"] {
            type = .other("opaque elements of 2 bytes without the attribute dtype = 'bfloat16'")
        }
        self.file = file
        self.name = name
        self.shape = shape
        self.type = type
        self.layout = layout
        self.filters = filters
    }

    /// The elements in their own floating-point type; integers become the nearest float32.
    func tensor() throws(ModelFileError) -> Tensor {
        let size: Int
        switch type {
        case .number(let type): size = type.size
        case .opaque(2): size = 2
        case .opaque, .fixedString, .variableString, .other:
            throw .unsupported(.hdf5, message: "The dataset \(name.quoted) holds \(type.name). Expected numbers.")
        }
        let (count, overflow) = shape.count.multipliedReportingOverflow(by: size == 8 ? 12 : 4)
        try file.budget.take(overflow ? .max : count, "the elements of \(name.quoted)", .hdf5)
        let bytes = try bytes(shape.count * size, elementSize: size)
        if case .number(let type) = type { return try bytes.tensor(shape, type) }
        return try bytes.bfloat16Tensor(shape)
    }

    private func bytes(_ count: Int, elementSize: Int) throws(ModelFileError) -> FileBytes {
        switch layout {
        case .compact(let bytes): return try bytes.part(at: 0, count: count)
        case .contiguous(let address):
            if count == 0 { return FileBytes([], kind: .hdf5) }
            guard let address else {
                throw .mismatch(.hdf5, message: "The dataset \(name.quoted) was never written. Expected its values.")
            }
            return try file.bytes.part(at: address, count: count)
        case .chunked(let chunks):
            try file.budget.take(count, "the elements of \(name.quoted)", .hdf5)
            let reading = HDF5ChunkReading(
                file: file, name: name, shape: shape, elementSize: elementSize, chunks: chunks, filters: filters)
            return FileBytes(try reading.bytes(), kind: .hdf5)
        }
    }
}

/// Where a dataset's elements are (section IV.A.2.i).
enum HDF5Layout {
    case compact(FileBytes)
    /// Nil while nothing was written.
    case contiguous(Int?)
    case chunked(HDF5Chunks)

    init(_ cursor: inout FileCursor) throws(ModelFileError) {
        let version = try cursor.integer(1)
        guard (3...5).contains(version) else {
            throw .unsupported(.hdf5, message: "A dataset's layout has version \(version). Expected 3 to 5.")
        }
        let kind = try cursor.integer(1)
        switch kind {
        case 0: self = .compact(try cursor.part(try cursor.integer(2)))
        case 1:
            let address = try cursor.word(8)
            self = .contiguous(address == .max ? nil : Int(clamping: address))
        case 2: self = .chunked(try HDF5Chunks(&cursor, version: version))
        default: throw .unsupported(.hdf5, message: "A dataset's layout has class \(kind). Expected 0 to 2.")
        }
    }
}
