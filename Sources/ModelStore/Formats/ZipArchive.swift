internal import ContentCoding
internal import DenseEngine

/// A zip file in memory (PKWARE's APPNOTE.TXT, sections 4.3 and 4.4): members stored or deflated, read by the central
/// directory. Nothing is ever written to a disk; names that would lead out of a folder are refused all the same.
///
/// This is a reader of our own because a zip here needs so little: libzip would bring writing, encryption and the disk
/// into the process that reads what strangers send.
struct ZipArchive {
    struct Member {
        let name: String
        let method: Int
        let packed: Int
        let size: Int
        let checksum: UInt32
        let offset: Int
    }

    static let maximumMembers = 4_096

    let members: [Member]
    private let bytes: FileBytes

    /// - Throws: `damaged`, `truncated`, `unsupported`, `tooLarge`.
    init(_ bytes: FileBytes) throws(ModelFileError) {
        let bytes = bytes.read(as: .zip)
        self.bytes = bytes
        let directory = try Directory(bytes)
        guard directory.count <= Self.maximumMembers else {
            throw .tooLarge(.zip, what: "its members", limit: Self.maximumMembers, received: directory.count)
        }
        var cursor = FileCursor(try bytes.part(at: directory.offset, count: directory.size))
        var members: [Member] = []
        var names: Set<String> = []
        for _ in 0..<directory.count {
            let member = try Self.member(&cursor)
            guard names.insert(member.name).inserted else {
                throw .damaged(.zip, message: "Expected every member once, received two named \(member.name.quoted).")
            }
            members.append(member)
        }
        try Self.requireApart(members, end: directory.offset)
        self.members = members
    }

    func member(_ name: String) -> Member? { members.first { $0.name == name } }

    /// A member's content; a stored one is not copied.
    ///
    /// - Parameter budget: of what comes out.
    func content(of member: Member, _ budget: inout FileBudget) throws(ModelFileError) -> FileBytes {
        var cursor = FileCursor(bytes, at: member.offset)
        try cursor.require("PK\u{3}\u{4}", "the member \(member.name.quoted)")
        try cursor.skip(22)
        let nameCount = try cursor.integer(2)
        let extraCount = try cursor.integer(2)
        guard try cursor.part(nameCount).text == member.name else {
            throw .damaged(
                .zip,
                message: "Expected the member \(member.name.quoted) where the directory has it, received another.",
                offset: member.offset)
        }
        try cursor.skip(extraCount)
        let packed = try cursor.part(member.packed)
        let content: FileBytes
        if member.method == 0 {
            guard member.packed == member.size else {
                throw .damaged(
                    .zip,
                    message: "A stored member is as long as it says. Expected \(member.size) bytes in "
                        + "\(member.name.quoted), received \(member.packed).", offset: member.offset)
            }
            content = packed
        } else {
            try budget.take(member.size, "the unpacked bytes of \(member.name.quoted)", .zip)
            content = try Self.inflate(packed, member)
        }
        guard unsafe content.withUnsafeBytes({ unsafe Inflate.checksum($0) }) == member.checksum else {
            throw .damaged(
                .zip, message: "Expected the checksum the directory has of \(member.name.quoted), received another.",
                offset: member.offset)
        }
        return content
    }

    private static func inflate(_ packed: FileBytes, _ member: Member) throws(ModelFileError) -> FileBytes {
        unsafe try packed.withUnsafeBytes { bytes throws(ModelFileError) in
            do throws(ContentCodingError) {
                return FileBytes(unsafe try Inflate.decode(bytes, .none, count: member.size), kind: .zip)
            } catch {
                throw .damaged(
                    .zip, message: "The member \(member.name.quoted) does not unpack: \(error)", offset: member.offset)
            }
        }
    }

    // MARK: The central directory

    /// Members over each other would be unpacked again and again: the bombs that grow with the square of their size.
    private static func requireApart(_ members: [Member], end: Int) throws(ModelFileError) {
        var next = (offset: end, what: "the directory")
        for member in members.sorted(by: { $0.offset > $1.offset }) {
            let head = 30 + member.name.utf8.count
            guard member.offset <= next.offset, member.packed <= next.offset - member.offset - head else {
                throw .damaged(
                    .zip, message: "The member \(member.name.quoted) lies over \(next.what). Expected them apart.",
                    offset: min(member.offset, end))
            }
            next = (member.offset, member.name.quoted)
        }
    }

    private static func member(_ cursor: inout FileCursor) throws(ModelFileError) -> Member {
        try cursor.require("PK\u{1}\u{2}", "the zip's directory")
        try cursor.skip(4)
        let flags = try cursor.integer(2)
        let method = try cursor.integer(2)
        try cursor.skip(4)
        let checksum = UInt32(truncatingIfNeeded: try cursor.word(4))
        var sizes = [try cursor.integer(4), try cursor.integer(4)]
        let nameCount = try cursor.integer(2)
        let extraCount = try cursor.integer(2)
        let commentCount = try cursor.integer(2)
        try cursor.skip(8)
        sizes.append(try cursor.integer(4))
        let name = try cursor.part(nameCount)
        let extra = try cursor.part(extraCount)
        try cursor.skip(commentCount)
        // In the order in which the 64 bit fields come: size, packed size, offset.
        sizes.swapAt(0, 1)
        try readLargeSizes(extra, &sizes)

        guard isPlain(name.array) else {
            throw .damaged(
                .zip, message: "A member's name must be a path inside the file. Received \(name.text.quoted).",
                offset: name.range.lowerBound)
        }
        guard flags & 0x2041 == 0 else {
            throw .unsupported(.zip, message: "The member \(name.text.quoted) is encrypted. Expected plain ones.")
        }
        guard method == 0 || method == 8 else {
            throw .unsupported(
                .zip,
                message: "The member \(name.text.quoted) is packed by method \(method). Expected 0 (stored) or 8 "
                    + "(deflated).")
        }
        return Member(
            name: name.text, method: method, packed: sizes[1], size: sizes[0], checksum: checksum, offset: sizes[2])
    }

    /// The extra field 1 of zip64 holds what does not fit 32 bits.
    private static func readLargeSizes(_ extra: FileBytes, _ sizes: inout [Int]) throws(ModelFileError) {
        var cursor = FileCursor(extra)
        while cursor.remaining >= 4 {
            let identifier = try cursor.integer(2)
            var field = FileCursor(try cursor.part(try cursor.integer(2)))
            guard identifier == 1 else { continue }
            for index in sizes.indices where sizes[index] == 0xFFFF_FFFF { sizes[index] = try field.integer(8) }
        }
    }

    private static func isPlain(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= 1_024, name.first != UInt8(ascii: "/") else { return false }
        guard name.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ":") })
        else { return false }
        return !name.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }
}

/// Where the central directory is, from the record at the file's end.
private struct Directory {
    let count: Int
    let size: Int
    let offset: Int

    private static let recordSize = 22

    init(_ bytes: FileBytes) throws(ModelFileError) {
        guard let end = Self.endRecord(bytes) else {
            throw .damaged(
                .zip, message: "Expected the directory's record at the zip's end, received none: is the file cut off?")
        }
        var cursor = FileCursor(bytes, at: end + 4)
        let disks = [try cursor.integer(2), try cursor.integer(2)]
        let counts = [try cursor.integer(2), try cursor.integer(2)]
        let place = [try cursor.integer(4), try cursor.integer(4)]
        guard disks == [0, 0] || disks == [0xFFFF, 0xFFFF] || disks == [0, 0xFFFF], counts[0] == counts[1] else {
            throw .unsupported(.zip, message: "It is one part of several. Expected a whole file.")
        }
        if end >= 20, bytes.hasBytes("PK\u{6}\u{7}", at: end - 20) {
            var locator = FileCursor(bytes, at: end - 12)
            var record = FileCursor(bytes, at: try locator.integer(8))
            try record.require("PK\u{6}\u{6}", "the zip64 directory's record")
            try record.skip(20)
            let large = [try record.integer(8), try record.integer(8)]
            guard large[0] == large[1] else {
                throw .unsupported(.zip, message: "It is one part of several. Expected a whole file.")
            }
            (count, size, offset) = (large[0], try record.integer(8), try record.integer(8))
        } else {
            (count, size, offset) = (counts[0], place[0], place[1])
        }
    }

    /// The last place from which a comment reaches exactly to the file's end.
    private static func endRecord(_ bytes: FileBytes) -> Int? {
        guard bytes.count >= recordSize else { return nil }
        let last = bytes.count - recordSize
        for position in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
        where bytes[position] == UInt8(ascii: "P") && bytes.hasBytes("PK\u{5}\u{6}", at: position) {
            let comment = Int(bytes[position + 20] ?? 0) | Int(bytes[position + 21] ?? 0) << 8
            if position + recordSize + comment == bytes.count { return position }
        }
        return nil
    }
}
