import DenseEngine
import Testing

@Suite("The golden file's reader")
struct GoldenFileTests {
    /// One case "c" with a text "t" = "x" and a tensor "v" of shape (1, 2).
    static let bytes: [UInt8] =
        Array("DSGOLD01".utf8) + [1, 0, 0, 0] + Array("h".utf8) + [1, 0, 0, 0]
        + [1, 0, 0, 0] + Array("c".utf8) + [2]
        + [1, 0, 0, 0] + Array("t".utf8) + [0, 1, 0, 0, 0] + Array("x".utf8)
        + [1, 0, 0, 0] + Array("v".utf8) + [1, 2, 1, 0, 0, 0, 2, 0, 0, 0]
        + [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]

    @Test("a case is read with its texts and tensors")
    func reading() throws {
        let file = try GoldenFile(bytes: Self.bytes)
        let golden = try #require(file.cases.first)
        #expect(file.header == "h" && file.cases.count == 1 && golden.name == "c")
        #expect(golden.texts == ["t": "x"])
        #expect(try golden.tensors == ["v": Tensor([1, 2], [1, -2])])
    }

    @Test("a file cut off anywhere is refused", arguments: 0..<bytes.count)
    func cutOff(count: Int) {
        #expect(throws: GoldenFileError.self) { try GoldenFile(bytes: Array(Self.bytes.prefix(count))) }
    }

    @Test("another version, or bytes after the end, are refused")
    func foreign() {
        #expect(throws: GoldenFileError.wrongMagic) { try GoldenFile(bytes: Array("DSGOLD02".utf8)) }
        #expect(throws: GoldenFileError.trailingBytes) { try GoldenFile(bytes: Self.bytes + [0]) }
    }

    @Test(
        "a comparison is as close as it should be",
        arguments: [
            (1, 1, true, true), (1.00001, 1, false, true), (1.00002, 1, false, false), (1.0000001, 1, true, false),
            (0, 9e-7, false, true), (0, 1.1e-6, false, false), (.nan, .nan, false, true), (.nan, 0, false, false),
            (0, .nan, false, false), (.infinity, .infinity, false, true), (.infinity, -.infinity, false, false),
            (3e38, .infinity, false, false), (.infinity, 3e38, false, false), (-0.0, 0, true, true),
        ] as [(Float, Float, Bool, Bool)])
    func closeness(received: Float, expected: Float, exact: Bool, isWanted: Bool) {
        #expect(isClose(received, expected, exact: exact) == isWanted)
    }
}
