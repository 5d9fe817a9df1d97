internal import DenseEngine

/// What groups hold: links by name, in a symbol table (section IV.A.2.r, III.A and III.B), or as messages of the header.
enum HDF5Group {
    /// Longer names are refused.
    static let maximumName = 1_024
    static let maximumLinks = 65_536

    static func links(_ file: HDF5File, at address: Int) throws(ModelFileError) -> [String: HDF5Link] {
        var links: [String: HDF5Link] = [:]
        for message in try file.messages(at: address) {
            switch message.kind {
            case .symbolTable:
                var cursor = try message.cursor("symbol table")
                let tree = try cursor.integer(8)
                let heap = try Heap(file, at: try cursor.integer(8))
                try readNode(file, at: tree, heap, level: nil, &links)
            case .link:
                var cursor = try message.cursor("link")
                let (name, link) = try Self.link(&cursor)
                try add(name, link, to: &links, file, offset: message.body.range.lowerBound)
            case .linkInfo:
                try refuseDenseLinks(message)
            default: break
            }
        }
        return links
    }

    private static func add(
        _ name: String, _ link: HDF5Link, to links: inout [String: HDF5Link], _ file: HDF5File, offset: Int
    ) throws(ModelFileError) {
        // Names may lie over each other in the file, and not in memory.
        try file.budget.take(name.utf8.count, "a group's names", .hdf5)
        guard links.count < maximumLinks else {
            throw .tooLarge(.hdf5, what: "a group's links", limit: maximumLinks, received: maximumLinks + 1)
        }
        guard links.updateValue(link, forKey: name) == nil else {
            throw .damaged(
                .hdf5, message: "Expected a group's names once each, received \(name.quoted) twice.", offset: offset)
        }
    }

    // MARK: Symbol tables

    /// The names of a symbol table.
    private struct Heap {
        let data: FileBytes

        init(_ file: HDF5File, at address: Int) throws(ModelFileError) {
            var cursor = FileCursor(file.bytes, at: address)
            try cursor.require("HEAP", "a group's names")
            try cursor.skip(4)
            let size = try cursor.integer(8)
            try cursor.skip(8)
            data = try file.bytes.part(at: try cursor.integer(8), count: size)
        }

        func name(at offset: Int) throws(ModelFileError) -> String {
            guard let end = data.firstIndex(of: 0, from: offset, limit: HDF5Group.maximumName + 1) else {
                throw .damaged(
                    .hdf5,
                    message: "Expected a name of at most \(HDF5Group.maximumName) bytes, received one without end.",
                    offset: data.range.lowerBound)
            }
            return try data.part(at: offset, count: end - offset).text
        }
    }

    /// A node of the B-tree of symbol table nodes. Levels go down to 0, so the depth is bounded.
    private static func readNode(
        _ file: HDF5File, at address: Int, _ heap: Heap, level expected: Int?, _ links: inout [String: HDF5Link]
    ) throws(ModelFileError) {
        try file.step()
        let (level, children) = try HDF5Tree.node(file, at: address, type: 0, keySize: 8, level: expected)
        for child in children {
            if level > 0 {
                try readNode(file, at: child.address, heap, level: level - 1, &links)
            } else {
                try readSymbols(file, at: child.address, heap, &links)
            }
        }
    }

    private static func readSymbols(
        _ file: HDF5File, at address: Int, _ heap: Heap, _ links: inout [String: HDF5Link]
    ) throws(ModelFileError) {
        var cursor = FileCursor(file.bytes, at: address)
        try cursor.require("SNOD", "a group's symbols")
        try cursor.skip(2)
        for _ in 0..<(try cursor.integer(2)) {
            try file.step()
            let name = try heap.name(at: try cursor.integer(8))
            let target = try cursor.integer(8)
            let type = try cursor.integer(4)
            try cursor.skip(20)
            try add(name, type == 2 ? .other("a soft link") : .hard(target), to: &links, file, offset: address)
        }
    }

    // MARK: Link messages

    /// Section IV.A.2.g.
    private static func link(_ cursor: inout FileCursor) throws(ModelFileError) -> (name: String, link: HDF5Link) {
        try cursor.skip(1)
        let flags = try cursor.integer(1)
        let type = flags & 8 != 0 ? try cursor.integer(1) : 0
        if flags & 4 != 0 { try cursor.skip(8) }
        if flags & 16 != 0 { try cursor.skip(1) }
        let size = try cursor.integer(1 << (flags & 3))
        guard size <= maximumName else {
            throw .tooLarge(.hdf5, what: "a name's bytes", limit: maximumName, received: size)
        }
        let name = try cursor.part(size).text
        switch type {
        case 0: return (name, .hard(try cursor.integer(8)))
        case 1: return (name, .other("a soft link"))
        default: return (name, .other("a link to another file"))
        }
    }

    /// Section IV.A.2.c: links in a heap of their own, which libhdf5's newest format makes for more than eight.
    private static func refuseDenseLinks(_ message: HDF5Message) throws(ModelFileError) {
        var cursor = try message.cursor("link info")
        try cursor.skip(1)
        let flags = try cursor.integer(1)
        if flags & 1 != 0 { try cursor.skip(8) }
        guard try cursor.word(8) == .max else {
            throw .unsupported(
                .hdf5,
                message: "A group keeps its links in a fractal heap, as libver='latest' does for many. Expected a "
                    + "file written with libver='earliest', h5py's and Keras's default.")
        }
    }
}

/// Nodes of version 1 B-trees (section III.A.1).
enum HDF5Tree {
    struct Child {
        let key: FileBytes
        let address: Int
    }

    /// - Parameter level: the one the node has to have, if that is known.
    static func node(
        _ file: HDF5File, at address: Int, type: Int, keySize: Int, level expected: Int?
    ) throws(ModelFileError) -> (level: Int, children: [Child]) {
        var cursor = FileCursor(file.bytes, at: address)
        try cursor.require("TREE", "a B-tree's node")
        let found = try cursor.integer(1)
        let level = try cursor.integer(1)
        guard found == type, expected.map({ $0 == level }) ?? (level < 16) else {
            throw .damaged(
                .hdf5,
                message: "Expected a B-tree's node of type \(type) one level below its parent, received one of "
                    + "type \(found) on level \(level).", offset: address)
        }
        let count = try cursor.integer(2)
        try cursor.skip(16)
        var children: [Child] = []
        for _ in 0..<count {
            try file.step()
            children.append(Child(key: try cursor.part(keySize), address: try cursor.integer(8)))
        }
        return (level, children)
    }
}
