import DenseEngine
import ModelStore
import Testing

@Suite("SafeTensors reading")
struct SafeTensorsReaderTests {
    private func file(_ header: String, data: Int) -> [UInt8] {
        let length = header.utf8.count
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func tensor(_ name: String, _ offsets: String, shape: String = "[1, 2]", type: String = "F32") -> String {
        #""\#(name)": {"dtype": "\#(type)", "shape": \#(shape), "data_offsets": \#(offsets)}"#
    }

    @Test("a kernel alone is a layer without bias")
    func kernel() throws {
        let document = try ModelDocument(file: file("{\(tensor("kernel", "[0, 8]"))}", data: 8))
        #expect(try document.build().parameterCount == 2)
    }

    @Test(
        "what lies is refused",
        arguments: [
            ("{TENSOR[0, 8], OTHER[4, 8]}", 8), ("{TENSOR[0, 8]}", 4), ("{TENSOR[0, 8]}", 12), ("{TENSOR[4, 12]}", 12),
            ("{TENSOR[8, 0]}", 8), ("{TENSOR[-8, 0]}", 8), ("{TENSOR[0, 9223372036854775807]}", 8),
            ("{TENSOR[0, 7]}", 7),
            ("{TENSOR[0, 8], TENSOR[8, 16]}", 16), ("{TENSOR[0]}", 8), ("{", 8), ("[1]", 8), ("{}", 0),
        ])
    func lies(header: String, data: Int) {
        var text = header
        for (word, name) in [("TENSOR", "kernel"), ("OTHER", "bias")] {
            while let place = text.firstRange(of: word) {
                let rest = text[place.upperBound...]
                guard let end = rest.firstIndex(of: "]") else { break }
                let offsets = String(rest[...end])
                let shape = name == "bias" ? "[1]" : "[1, 2]"
                text.replaceSubrange(place.lowerBound...end, with: tensor(name, offsets, shape: shape))
            }
        }
        #expect(throws: ModelStoreError.self) { try ModelDocument(file: file(text, data: data)).build() }
    }

    @Test("a header that claims more than there may be is refused before it is read")
    func giant() {
        for length: [UInt8] in [
            [0, 0, 0, 64, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 0, 0], [9, 0, 0, 0, 0, 0, 0, 0],
        ] {
            #expect(throws: ModelStoreError.self) { try ModelDocument(file: length + Array("{}".utf8)) }
        }
    }

    @Test("a shape whose product overflows is refused")
    func overflow() {
        let text = tensor("kernel", "[0, 8]", shape: "[4294967296, 4294967296, 4294967296]")
        #expect(throws: ModelStoreError.self) { try ModelDocument(file: file("{\(text)}", data: 8)) }
    }

    @Test("a type that is not read is named")
    func types() {
        do throws(ModelStoreError) {
            _ = try ModelDocument(file: file("{\(tensor("kernel", "[0, 16]", type: "I64"))}", data: 16))
            Issue.record("It was read.")
        } catch {
            #expect(error.description.contains("'I64'"))
        }
    }
}
