import ContentCoding
import ModelStore
import Testing
import dense_fuzz

@Suite("Hostile zips")
struct HostileZipTests {
    private func npy(_ count: Int) -> [UInt8] {
        let header = Array("{'descr': '|u1', 'fortran_order': False, 'shape': (\(count), 1), }\n".utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + StoredZip.little(header.count, 2) + header
            + [UInt8](repeating: 0, count: count)
    }

    /// The sentence that refuses a file.
    private func refusal(_ file: [UInt8]) -> String {
        do throws(ModelStoreError) {
            _ = try ModelDocument(file: file).build()
            return "It was read."
        } catch { return error.description }
    }

    /// The places of the directory's entries.
    private func entries(_ file: [UInt8]) -> [Int] {
        file.indices.dropLast(4).filter { file[$0..<$0 + 4].elementsEqual("PK\u{1}\u{2}".utf8) }
    }

    @Test("two members of one name are refused")
    func duplicates() {
        let text = refusal(StoredZip.file([("kernel.npy", npy(2)), ("kernel.npy", npy(2))]))
        #expect(text.contains("two named 'kernel.npy'"))
    }

    @Test("members that lie over each other are refused")
    func overlap() throws {
        var file = StoredZip.file([("a.kernel.npy", npy(2)), ("b.kernel.npy", npy(2))])
        let second = try #require(entries(file).last)
        file.replaceSubrange(second + 42..<second + 46, with: StoredZip.little(4, 4))
        #expect(refusal(file).contains("lies over"))
        // The whole of the directory as a member.
        file = StoredZip.file([("kernel.npy", npy(2))])
        let only = try #require(entries(file).last)
        file.replaceSubrange(only + 20..<only + 24, with: StoredZip.little(only, 4))
        #expect(refusal(file).contains("lies over"))
    }

    @Test("what unpacks to more than a file of its size may hold is refused before it is unpacked")
    func bomb() throws {
        let content = npy(20 << 20)
        // zlib's head and checksum around the same data.
        let packed = try #require(ContentEncoder.encode(content, .deflate)).dropFirst(2).dropLast(4)
        var file = StoredZip.file([("kernel.npy", Array(packed))])
        let entry = try #require(entries(file).last)
        file[entry + 10] = 8
        file.replaceSubrange(entry + 24..<entry + 28, with: StoredZip.little(content.count, 4))
        #expect(refusal(file).contains("claims too much"))
        // A size that lies does not help it.
        for size in [0, 1, 4_096] {
            file.replaceSubrange(entry + 24..<entry + 28, with: StoredZip.little(size, 4))
            #expect(refusal(file).contains("does not unpack"))
        }
    }

    @Test(
        "names that lead out of the file, or nowhere, are refused",
        arguments: ["/a.npy", "../a.npy", "a\\b.npy", ""])
    func names(_ name: String) {
        #expect(refusal(StoredZip.file([(name, npy(2))])).contains("must be a path inside the file"))
    }

    @Test("what is not the signature is said in characters that print")
    func signature() throws {
        var file = StoredZip.file([("kernel.npy", npy(2))])
        file[try #require(entries(file).last)] = 0
        #expect(refusal(file).unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
