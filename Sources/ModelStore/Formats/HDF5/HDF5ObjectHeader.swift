/// One message of an object's header: a property of the object.
struct HDF5Message {
    /// The types of messages read here (section IV.A.2).
    enum Kind: Int {
        case dataspace = 0x01
        case linkInfo = 0x02
        case datatype = 0x03
        case link = 0x06
        case dataLayout = 0x08
        case filterPipeline = 0x0B
        case attribute = 0x0C
        case continuation = 0x10
        case symbolTable = 0x11
        case attributeInfo = 0x15
    }

    let kind: Kind
    /// Whether the body only says where the message is that it shares with other objects.
    let isShared: Bool
    let body: FileBytes

    /// The body of a message that is no reference to another.
    func cursor(_ what: String) throws(ModelFileError) -> FileCursor {
        guard !isShared else {
            throw .unsupported(.hdf5, message: "The \(what) of an object is shared with others. Expected its own.")
        }
        return FileCursor(body)
    }
}

/// The headers of objects (section IV.A.1): lists of messages, in one block or several.
enum HDF5ObjectHeader {
    static func messages(_ file: HDF5File, at address: Int) throws(ModelFileError) -> [HDF5Message] {
        if file.bytes.hasBytes("OHDR", at: address) { return try version2(file, at: address) }
        return try version1(file, at: address)
    }

    private static func version1(_ file: HDF5File, at address: Int) throws(ModelFileError) -> [HDF5Message] {
        var cursor = FileCursor(file.bytes, at: address)
        let version = try cursor.integer(1)
        guard version == 1 else {
            throw .damaged(
                .hdf5, message: "Expected an object's header, received something else.", offset: address)
        }
        try cursor.skip(1)
        let count = try cursor.integer(2)
        try cursor.skip(4)
        let size = try cursor.integer(4)
        try cursor.skip(4)
        var messages: [HDF5Message] = []
        var blocks = [FileCursor(try cursor.part(size))]
        var seen = 0
        var next = 0
        while next < blocks.count {
            var block = blocks[next]
            next += 1
            while block.remaining >= 8, seen < count {
                try file.step()
                seen += 1
                let type = try block.integer(2)
                let size = try block.integer(2)
                let flags = try block.integer(1)
                try block.skip(3)
                let message = HDF5Message(type: type, flags: flags, body: try block.part(size))
                guard let message else { continue }
                if message.kind == .continuation {
                    // What is left of this block comes first.
                    blocks.append(FileCursor(try continuation(message, file)))
                } else {
                    messages.append(message)
                }
            }
        }
        return messages
    }

    private static func version2(_ file: HDF5File, at address: Int) throws(ModelFileError) -> [HDF5Message] {
        var cursor = FileCursor(file.bytes, at: address)
        try cursor.require("OHDR", "an object's header")
        let version = try cursor.integer(1)
        guard version == 2 else {
            throw .unsupported(.hdf5, message: "An object's header has version \(version). Expected 1 or 2.")
        }
        let flags = try cursor.integer(1)
        if flags & 0x20 != 0 { try cursor.skip(16) }
        if flags & 0x10 != 0 { try cursor.skip(4) }
        let size = try cursor.integer(1 << (flags & 3))
        var messages: [HDF5Message] = []
        var blocks = [FileCursor(try cursor.part(size))]
        let head = flags & 4 != 0 ? 6 : 4
        var next = 0
        while next < blocks.count {
            var block = blocks[next]
            next += 1
            // Fewer bytes than a message's head are a gap.
            while block.remaining >= head {
                try file.step()
                let type = try block.integer(1)
                let size = try block.integer(2)
                let messageFlags = try block.integer(1)
                try block.skip(head - 4)
                let message = HDF5Message(type: type, flags: messageFlags, body: try block.part(size))
                guard let message else { continue }
                if message.kind == .continuation {
                    var more = FileCursor(try continuation(message, file))
                    try more.require("OCHK", "an object header's next block")
                    // The checksum at the end is no message.
                    guard more.remaining >= 4 else { continue }
                    blocks.append(FileCursor(try more.part(more.remaining - 4)))
                } else {
                    messages.append(message)
                }
            }
        }
        return messages
    }

    private static func continuation(_ message: HDF5Message, _ file: HDF5File) throws(ModelFileError) -> FileBytes {
        var cursor = try message.cursor("continuation")
        return try file.bytes.part(at: try cursor.integer(8), count: try cursor.integer(8))
    }
}

extension HDF5Message {
    /// Nil for a message that says nothing of interest here.
    fileprivate init?(type: Int, flags: Int, body: FileBytes) {
        guard let kind = Kind(rawValue: type) else { return nil }
        self.init(kind: kind, isShared: flags & 2 != 0, body: body)
    }
}
