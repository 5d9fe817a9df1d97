internal import ContentCoding
internal import DenseEngine

/// A dataset in chunks: their shape, and the index they are found by.
struct HDF5Chunks {
    enum Index {
        /// A version 1 B-tree.
        case tree(Int)
        /// All elements in one chunk, with its packed size and the filters left out, where filters apply.
        case single(address: Int, packed: Int?, mask: Int)
        /// One chunk after the other, without filters.
        case implicit(Int)
    }

    /// One size for each axis, without the element's own.
    let sizes: [Int]
    /// Nil while nothing was written.
    let index: Index?

    init(_ cursor: inout FileCursor, version: Int) throws(ModelFileError) {
        let flags = version > 3 ? try cursor.integer(1) : 0
        let rank = try cursor.integer(1)
        guard (2...33).contains(rank) else {
            throw .damaged(
                .hdf5, message: "Expected 1 to 32 axes of a chunk, received \(rank - 1).", offset: cursor.offset)
        }
        var sizes: [Int] = []
        var address: UInt64 = 0
        if version == 3 {
            address = try cursor.word(8)
            for _ in 0..<rank { sizes.append(try cursor.integer(4)) }
            index = address == .max ? nil : .tree(Int(clamping: address))
        } else {
            let width = try cursor.integer(1)
            guard (1...8).contains(width) else {
                throw .damaged(
                    .hdf5, message: "Expected sizes of 1 to 8 bytes, received \(width).", offset: cursor.offset)
            }
            for _ in 0..<rank { sizes.append(try cursor.integer(width)) }
            let type = try cursor.integer(1)
            var packed: Int?
            var mask = 0
            switch type {
            case 1 where flags & 2 != 0:
                packed = try cursor.integer(8)
                mask = try cursor.integer(4)
            case 1, 2: break
            default:
                throw .unsupported(
                    .hdf5,
                    message: "A dataset's chunks are indexed in the form \(type) of libver='latest'. Expected a file "
                        + "written with libver='earliest', h5py's and Keras's default.")
            }
            address = try cursor.word(8)
            let place = Int(clamping: address)
            index =
                address == .max
                ? nil : type == 2 ? .implicit(place) : .single(address: place, packed: packed, mask: mask)
        }
        guard sizes.allSatisfy({ $0 > 0 }) else {
            throw .damaged(
                .hdf5, message: "Expected chunks of one element or more, received none.", offset: cursor.offset)
        }
        self.sizes = Array(sizes.dropLast())
    }
}

/// What is done to a chunk before it is stored (section IV.A.2.l).
enum HDF5Filter {
    case deflate
    /// First all elements' first bytes, then all second ones, and so on.
    case shuffle
    /// A checksum behind the bytes.
    case fletcher32

    static func pipeline(_ cursor: inout FileCursor) throws(ModelFileError) -> [HDF5Filter] {
        let version = try cursor.integer(1)
        guard version == 1 || version == 2 else {
            throw .unsupported(.hdf5, message: "A list of filters has version \(version). Expected 1 or 2.")
        }
        let count = try cursor.integer(1)
        if version == 1 { try cursor.skip(6) }
        // Each multiplies the work on every chunk, and writers apply each once.
        guard count <= 3 else {
            throw .unsupported(.hdf5, message: "A dataset passes \(count) filters. Expected at most 3.")
        }
        var filters: [HDF5Filter] = []
        for _ in 0..<count {
            let identifier = try cursor.integer(2)
            let nameCount = version == 1 || identifier >= 256 ? try cursor.integer(2) : 0
            try cursor.skip(2)
            let values = try cursor.integer(2)
            let name = try cursor.part(version == 1 ? (nameCount + 7) & ~7 : nameCount)
            try cursor.skip(4 * values + (version == 1 && !values.isMultiple(of: 2) ? 4 : 0))
            switch identifier {
            case 1: filters.append(.deflate)
            case 2: filters.append(.shuffle)
            case 3: filters.append(.fletcher32)
            default:
                throw .unsupported(
                    .hdf5,
                    message: "A dataset is packed by the filter \(name.textBeforeNull.quoted) (\(identifier)). "
                        + "Expected deflate (gzip), shuffle or fletcher32.")
            }
        }
        return filters
    }
}

/// Puts a dataset's chunks together.
struct HDF5ChunkReading {
    let file: HDF5File
    let name: String
    let shape: Shape
    let elementSize: Int
    let chunks: HDF5Chunks
    let filters: [HDF5Filter]

    /// The dataset's bytes, which the budget has.
    func bytes() throws(ModelFileError) -> [UInt8] {
        guard chunks.sizes.count == shape.rank else {
            throw .damaged(
                .hdf5,
                message: "Expected chunks of \(shape.rank) axes in \(name.quoted), received \(chunks.sizes.count).")
        }
        guard shape.count > 0 else { return [] }
        guard let index = chunks.index else { throw missing }
        var size = elementSize
        for chunk in chunks.sizes {
            let (product, overflow) = size.multipliedReportingOverflow(by: chunk)
            guard !overflow else {
                throw .damaged(.hdf5, message: "Expected chunks that fit memory in \(name.quoted).")
            }
            size = product
        }
        let grid = zip(shape.dimensions, chunks.sizes).map { ($0 - 1) / $1 + 1 }
        let count = grid.reduce(1, *)
        var output = [UInt8](repeating: 0, count: shape.count * elementSize)
        var done: Set<[Int]> = []
        switch index {
        case .single(let address, let packed, let mask):
            try place(address, packed ?? size, mask, size, [Int](repeating: 0, count: grid.count), &output)
            guard count == 1 else { throw missing }
            return output
        case .implicit(let address):
            var position = [Int](repeating: 0, count: grid.count)
            for number in 0..<count {
                try file.step()
                let (offset, overflow) = number.multipliedReportingOverflow(by: size)
                let (start, beyond) = address.addingReportingOverflow(offset)
                guard !overflow, !beyond else { throw missing }
                try place(start, size, 0, size, zip(position, chunks.sizes).map { $0 * $1 }, &output)
                for axis in position.indices.reversed() {
                    position[axis] += 1
                    if position[axis] < grid[axis] { break }
                    position[axis] = 0
                }
            }
            return output
        case .tree(let address):
            try readNode(address, level: nil, size, &done, &output)
        }
        guard done.count == count else { throw missing }
        return output
    }

    private var missing: ModelFileError {
        .mismatch(
            .hdf5, message: "The dataset \(name.quoted) lacks some of its chunks. Expected all of them to be written.")
    }

    private func readNode(
        _ address: Int, level expected: Int?, _ size: Int, _ done: inout Set<[Int]>, _ output: inout [UInt8]
    ) throws(ModelFileError) {
        try file.step()
        let (level, children) = try HDF5Tree.node(
            file, at: address, type: 1, keySize: 8 + 8 * (shape.rank + 1), level: expected)
        for child in children {
            if level > 0 {
                try readNode(child.address, level: level - 1, size, &done, &output)
                continue
            }
            var key = FileCursor(child.key)
            let packed = try key.integer(4)
            let mask = try key.integer(4)
            var start: [Int] = []
            for axis in 0..<shape.rank {
                let offset = try key.integer(8)
                guard offset < shape.dimensions[axis], offset.isMultiple(of: chunks.sizes[axis]) else {
                    throw .damaged(
                        .hdf5, message: "Expected a chunk inside \(name.quoted), received one at \(offset).",
                        offset: child.key.range.lowerBound)
                }
                start.append(offset)
            }
            guard done.insert(start).inserted else {
                throw .damaged(
                    .hdf5, message: "Expected every chunk of \(name.quoted) once, received the one at \(start) twice.",
                    offset: child.key.range.lowerBound)
            }
            try place(child.address, packed, mask, size, start, &output)
        }
    }

    /// Copies one chunk's rows, as far as they are inside the dataset.
    private func place(
        _ address: Int, _ packed: Int, _ mask: Int, _ size: Int, _ start: [Int], _ output: inout [UInt8]
    ) throws(ModelFileError) {
        let chunk = try unpacked(try file.bytes.part(at: address, count: packed), mask, size)
        let dimensions = shape.dimensions
        let inside = dimensions.indices.map { min(dimensions[$0] - start[$0], chunks.sizes[$0]) }
        guard let width = inside.last, let chunkWidth = chunks.sizes.last, let rowWidth = dimensions.last else {
            return
        }
        let rows = inside.dropLast().reduce(1, *)
        var position = [Int](repeating: 0, count: inside.count)
        for _ in 0..<rows {
            var (from, to) = (0, 0)
            for axis in 0..<inside.count - 1 {
                from = from * chunks.sizes[axis] + position[axis]
                to = to * dimensions[axis] + start[axis] + position[axis]
            }
            from = from * chunkWidth * elementSize
            to = (to * rowWidth + (start.last ?? 0)) * elementSize
            output.replaceSubrange(
                to..<to + width * elementSize, with: chunk[from..<from + width * elementSize])
            for axis in (0..<inside.count - 1).reversed() {
                position[axis] += 1
                if position[axis] < inside[axis] { break }
                position[axis] = 0
            }
        }
    }

    /// A chunk's `size` bytes, with its filters undone, the last one first.
    private func unpacked(_ bytes: FileBytes, _ mask: Int, _ size: Int) throws(ModelFileError) -> [UInt8] {
        // What is packed counts too: chunks may lie over each other, and each is walked through.
        let (total, overflow) = size.addingReportingOverflow(bytes.count)
        try file.budget.take(overflow ? .max : total, "a chunk of \(name.quoted)", .hdf5)
        var bytes = bytes
        for (index, filter) in filters.enumerated().reversed() where index > 31 || mask >> index & 1 == 0 {
            switch filter {
            case .fletcher32: bytes = try bytes.part(at: 0, count: bytes.count - 4)
            case .shuffle: bytes = FileBytes(unshuffled(bytes.array), kind: .hdf5)
            case .deflate:
                let checksums = filters[..<index].count { if case .fletcher32 = $0 { true } else { false } }
                bytes = try inflated(bytes, size + 4 * checksums)
            }
        }
        guard bytes.count == size else {
            throw .damaged(
                .hdf5, message: "Expected a chunk of \(size) bytes in \(name.quoted), received \(bytes.count).",
                offset: bytes.range.lowerBound)
        }
        return bytes.array
    }

    private func inflated(_ bytes: FileBytes, _ size: Int) throws(ModelFileError) -> FileBytes {
        unsafe try bytes.withUnsafeBytes { packed throws(ModelFileError) in
            do throws(ContentCodingError) {
                return FileBytes(unsafe try Inflate.decode(packed, .zlib, count: size), kind: .hdf5)
            } catch {
                throw .damaged(
                    .hdf5, message: "A chunk of \(name.quoted) does not unpack: \(error)",
                    offset: bytes.range.lowerBound)
            }
        }
    }

    private func unshuffled(_ bytes: [UInt8]) -> [UInt8] {
        let count = bytes.count / elementSize
        guard elementSize > 1, count > 0 else { return bytes }
        var output = bytes
        for byte in 0..<elementSize {
            for element in 0..<count { output[element * elementSize + byte] = bytes[byte * count + element] }
        }
        return output
    }
}
