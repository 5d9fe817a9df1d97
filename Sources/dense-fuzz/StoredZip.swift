import ContentCoding

/// Zips of stored members, written by other code than what is fuzzed.
package enum StoredZip {
    /// A zip of the members, with checksums that hold.
    package static func file(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, content) in members {
            let facts =
                little(20, 2) + little(0, 8) + checksum(content[...]) + little(content.count, 4)
                + little(content.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            directory +=
                Array("PK\u{1}\u{2}".utf8) + little(20, 2) + facts + little(0, 10) + little(file.count, 4)
            directory += name.utf8
            file += Array("PK\u{3}\u{4}".utf8) + facts + name.utf8
            file += content
        }
        let end =
            little(members.count, 2) + little(members.count, 2) + little(directory.count, 4)
            + little(file.count, 4)
        return file + directory + Array("PK\u{5}\u{6}".utf8) + little(0, 4) + end + little(0, 2)
    }

    /// Gives every entry of the directory the checksum of the bytes it leads to.
    static func repairChecksums(_ file: inout [UInt8]) {
        let signature = Array("PK\u{1}\u{2}".utf8)
        var place = 0
        while let found = file[place...].firstRange(of: signature)?.lowerBound, found + 46 <= file.count {
            place = found + 4
            let size = number(file, found + 20)
            let start = number(file, found + 42)
            guard start + 30 <= file.count else { continue }
            let content = start + 30 + Int(file[start + 26]) + Int(file[start + 28])
            guard content + size <= file.count else { continue }
            file.replaceSubrange(found + 16..<found + 20, with: checksum(file[content..<content + size]))
        }
    }

    /// The little-endian bytes of a number.
    package static func little(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> ($0 * 8)) : 0 }
    }

    private static func number(_ file: [UInt8], _ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[place + $1]) << ($1 * 8) }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        little(Int(unsafe bytes.withUnsafeBytes { unsafe Inflate.checksum($0) }), 4)
    }
}
