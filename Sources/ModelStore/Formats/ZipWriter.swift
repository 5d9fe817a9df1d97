internal import ContentCoding

/// Writes a zip of stored members: weights hardly get smaller by packing, and readers need not copy them.
struct ZipWriter {
    private(set) var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    /// What 32 bits can say. Larger files need zip64, which not all readers take.
    static let maximumSize = Int(UInt32.max) - 1

    /// Every member is dated 1980-01-01, so that the same model gives the same bytes.
    private static let date: UInt32 = 0x0021_0000

    /// - Throws: `tooLarge`.
    mutating func add(_ name: String, _ content: [UInt8]) throws(ModelFileError) {
        guard content.count + bytes.count + directory.count < Self.maximumSize - 4_096 else {
            throw .tooLarge(
                .zip, what: "a zip without zip64", limit: Self.maximumSize, received: content.count + bytes.count)
        }
        let checksum = unsafe content.withUnsafeBytes { unsafe Inflate.checksum($0) }
        // Version 2.0, no flags, stored.
        var facts = little(20, 2) + little(0, 2) + little(0, 2) + little(Int(Self.date), 4)
        facts += little(Int(checksum), 4) + little(content.count, 4) + little(content.count, 4)
        facts += little(name.utf8.count, 2) + little(0, 2)
        directory +=
            Array("PK\u{1}\u{2}".utf8) + little(20, 2) + facts + little(0, 10) + little(bytes.count, 4) + name.utf8
        bytes += Array("PK\u{3}\u{4}".utf8) + facts + name.utf8
        bytes += content
        count += 1
    }

    /// The whole file.
    consuming func finish() -> [UInt8] {
        var file = bytes
        let start = file.count
        file += directory
        file += Array("PK\u{5}\u{6}".utf8) + little(0, 4) + little(count, 2) + little(count, 2)
        file += little(directory.count, 4) + little(start, 4) + little(0, 2)
        return file
    }
}

/// The little-endian bytes of a number.
func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> ($0 * 8)) : 0 }
}
