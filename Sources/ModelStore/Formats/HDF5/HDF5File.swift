internal import DenseEngine

/// An HDF5 file in memory, as far as Keras's files use the format: superblocks 0 to 3, object headers of both versions, groups
/// with symbol tables or links, datasets contiguous, compact or in chunks, deflated or not.
/// Source: HDF5 File Format Specification, version 3.0; section numbers in comments are its.
///
/// This is a reader of our own rather than libhdf5, whose code was not made for files of strangers: everything here is
/// checked before it is used, objects are looked up by path, so links in circles lead nowhere, and the work is counted.
///
/// One reading of one file, by one thread.
final class HDF5File {
    let bytes: FileBytes
    /// The address of the root group.
    private(set) var root = 0
    /// Of what datasets come out as.
    var budget: FileBudget

    private static let maximumPath = 4_096

    /// Messages, nodes, links and chunks that may still be looked at.
    private var steps = 1 << 18
    private var headers: [Int: [HDF5Message]] = [:]
    private var groups: [Int: [String: HDF5Link]] = [:]

    /// - Throws: `damaged`, `truncated`, `unsupported`.
    init(_ bytes: FileBytes, budget: FileBudget) throws(ModelFileError) {
        self.bytes = bytes.read(as: .hdf5)
        self.budget = budget
        root = try rootAddress()
    }

    /// Section II.A.
    private func rootAddress() throws(ModelFileError) -> Int {
        var cursor = FileCursor(bytes)
        try cursor.skip(1)
        try cursor.require("HDF\r\n\u{1A}\n", "an HDF5 file")
        let version = try cursor.integer(1)
        let sizes: (offsets: Int, lengths: Int)
        switch version {
        case 0, 1:
            try cursor.skip(4)
            sizes = (try cursor.integer(1), try cursor.integer(1))
            try cursor.skip(version == 0 ? 9 : 13)
        case 2, 3:
            sizes = (try cursor.integer(1), try cursor.integer(1))
            try cursor.skip(1)
        default:
            throw .unsupported(.hdf5, message: "Its superblock has version \(version). Expected 0 to 3.")
        }
        guard sizes == (8, 8) else {
            throw .unsupported(
                .hdf5,
                message:
                    "Its offsets and lengths have \(sizes.offsets) and \(sizes.lengths) bytes. Expected 8.")
        }
        guard try cursor.word(8) == 0 else {
            throw .unsupported(
                .hdf5, message: "Its base address is not 0. Expected a file without a user block.")
        }
        // Free space or extension, then the end of the file, which must be there, too.
        try cursor.skip(8)
        let end = try cursor.integer(8)
        guard end <= bytes.count else { throw .truncated(.hdf5, needed: end, size: bytes.count) }
        // Versions 0 and 1: the driver's block and the name of the root group's entry.
        if version < 2 { try cursor.skip(16) }
        return try cursor.integer(8)
    }

    /// Counts one more thing looked at.
    func step() throws(ModelFileError) {
        guard steps > 0 else {
            throw .tooLarge(.hdf5, what: "the parts it is made of", limit: 1 << 18, received: 1 << 18 + 1)
        }
        steps -= 1
    }

    // MARK: Objects by their paths

    /// The messages of an object, by its address.
    func messages(at address: Int) throws(ModelFileError) -> [HDF5Message] {
        if let known = headers[address] { return known }
        let messages = try HDF5ObjectHeader.messages(self, at: address)
        headers[address] = messages
        return messages
    }

    /// What a group links to.
    func links(at address: Int) throws(ModelFileError) -> [String: HDF5Link] {
        if let known = groups[address] { return known }
        let links = try HDF5Group.links(self, at: address)
        groups[address] = links
        return links
    }

    /// The address of the object a path leads to from a group, nil when there is none.
    ///
    /// - Throws: `unsupported` for links that are not hard ones.
    func address(of path: some StringProtocol, from group: Int? = nil) throws(ModelFileError) -> Int? {
        // Keras's are some names long; one of millions would be a walk in a circle.
        guard path.utf8.count <= Self.maximumPath else {
            throw .tooLarge(
                .hdf5, what: "a path's bytes", limit: Self.maximumPath, received: path.utf8.count)
        }
        var address = group ?? root
        for name in path.split(separator: "/") {
            try step()
            switch try links(at: address)[String(name)] {
            case .hard(let target): address = target
            case .other(let kind):
                throw .unsupported(
                    .hdf5,
                    message:
                        "\(String(name).quoted) in \(String(path).quoted) is \(kind). Expected the object itself."
                )
            case nil: return nil
            }
        }
        return address
    }

    /// The dataset at a path, nil when there is none.
    func dataset(_ path: String, from group: Int? = nil) throws(ModelFileError) -> HDF5Dataset? {
        guard let address = try address(of: path, from: group) else { return nil }
        return try HDF5Dataset(self, at: address, name: path)
    }
}

/// What a name in a group stands for.
enum HDF5Link {
    case hard(Int)
    /// A soft or external link, in words.
    case other(String)
}
