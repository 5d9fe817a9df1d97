import ModelStore
import Testing
import dense_fuzz

@Suite("Hostile HDF5")
struct HostileHDF5Tests {
    private static let configuration =
        #"{"class_name": "Dense", "config": {"units": 2, "name": "dense"}}"#

    /// The weights of a `Dense(2)` on three features, as the project writes them.
    private func weights() throws -> [UInt8] {
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        let keras = try registry.register("m", ModelSamples.document()).model.keras()
        let start = try #require(
            keras.indices.first { keras[$0...].starts(with: [0x89, 0x48, 0x44, 0x46]) })
        let end = try #require(
            keras.indices.dropFirst(start).first { keras[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        return Array(keras[start..<end])
    }

    /// Where a structure's signature is.
    private func places(_ signature: String, in file: [UInt8]) -> [Int] {
        file.indices.dropLast(4).filter { file[$0..<$0 + 4].elementsEqual(signature.utf8) }
    }

    private func number(_ file: [UInt8], _ place: Int) -> Int {
        (0..<8).reduce(0) { $0 | Int(file[place + $1]) << ($1 * 8) }
    }

    private func refusal(_ file: [UInt8]) -> String {
        let options = ModelFileOptions(configuration: Array(Self.configuration.utf8))
        do throws(ModelStoreError) {
            _ = try ModelDocument(file: file, options).build()
            return "It was read."
        } catch { return error.description }
    }

    @Test("the file these tests break reads as it is")
    func whole() throws {
        #expect(try refusal(weights()) == "It was read.")
    }

    @Test("groups and B-trees in circles end in a sentence")
    func circles() throws {
        let file = try weights()
        let root = number(file, 64)
        // Every symbol leads to the root.
        var circle = file
        for symbols in places("SNOD", in: file) {
            for entry in 0..<Int(file[symbols + 6]) {
                let place = symbols + 8 + entry * 40 + 8
                circle.replaceSubrange(place..<place + 8, with: StoredZip.little(root, 8))
            }
        }
        #expect(refusal(circle).contains("Expected"))
        // Every node leads to itself, on the lowest level and on others.
        for level: UInt8 in [0, 1, 15, 255] {
            var knot = file
            for tree in places("TREE", in: file) where file[tree + 6] > 0 {
                knot[tree + 5] = level
                knot.replaceSubrange(tree + 32..<tree + 40, with: StoredZip.little(tree, 8))
            }
            #expect(refusal(knot).contains("Expected"), "level \(level)")
        }
    }

    @Test("a header that goes on at itself is refused after so many steps")
    func continuation() throws {
        var file = try weights()
        let root = number(file, 64)
        // 65535 messages in a block of one, which leads to that block: then the messages are used up.
        file.replaceSubrange(root + 2..<root + 4, with: [0xFF, 0xFF])
        file.replaceSubrange(
            root + 16..<root + 40,
            with: [16, 0, 16, 0, 0, 0, 0, 0] + StoredZip.little(root + 16, 8) + StoredZip.little(24, 8))
        #expect(refusal(file).contains("Expected"))
    }

    @Test("a newer header of many blocks is read in one pass, up to a limit")
    func blocks() {
        // Version 2, a block size of 4 bytes, then continuations that all lead to one empty block.
        let count = 1 << 18 + 1
        let start = 48
        let body = count * 20
        var file: [UInt8] =
            [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A, 2, 8, 8, 0] + StoredZip.little(0, 8)
        file +=
            [UInt8](repeating: 0xFF, count: 8) + StoredZip.little(start, 8) + StoredZip.little(start, 8)
        file += [0, 0, 0, 0] + Array("OHDR".utf8) + [2, 2] + StoredZip.little(body, 4)
        let end = file.count + body
        let message = [16, 16, 0, 0] + StoredZip.little(end, 8) + StoredZip.little(8, 8)
        file.reserveCapacity(end + 8)
        for _ in 0..<count { file += message }
        file += Array("OCHK".utf8) + [0, 0, 0, 0]
        #expect(refusal(file).contains("the parts it is made of"))
    }

    @Test(
        "sizes and places beyond the file are refused",
        arguments: [1 << 31, 1 << 32, 1 << 62, Int.max, -1, -8, 100_000])
    func lies(_ value: Int) throws {
        let file = try weights()
        let fields =
            [40, 64]
            + places("HEAP", in: file).flatMap { [$0 + 8, $0 + 24] }
            + places("TREE", in: file).map { $0 + 32 }
            + places("SNOD", in: file).map { $0 + 16 }
        for field in fields {
            var lie = file
            lie.replaceSubrange(field..<field + 8, with: StoredZip.little(value, 8))
            let text = refusal(lie)
            #expect(text.contains("Expected") || text == "It was read.", "the field at \(field): \(text)")
        }
        // Each dimension of each dataset.
        for dataset in datasets(in: file) {
            var lie = file
            lie.replaceSubrange(dataset + 8..<dataset + 16, with: StoredZip.little(value, 8))
            #expect(refusal(lie).contains("Expected"), "the dataset at \(dataset)")
        }
    }

    /// Where the dataspaces with one axis or more are.
    private func datasets(in file: [UInt8]) -> [Int] {
        file.indices.dropLast(32).filter {
            $0.isMultiple(of: 8) && file[$0] == 1 && file[$0 + 1] == 0 && file[$0 + 8] == 1
                && file[$0 + 9] == 0
                && file[$0 + 16] == 1 && (1...2).contains(file[$0 + 17]) && file[$0 + 18] == 0
        }.map { $0 + 24 }
    }

    @Test("two links of one name are refused")
    func duplicates() throws {
        var file = try weights()
        let symbols = try #require(places("SNOD", in: file).first { file[$0 + 6] == 2 })
        file.replaceSubrange(symbols + 48..<symbols + 56, with: file[symbols + 8..<symbols + 16])
        #expect(refusal(file).contains("twice"))
    }
}
