import ProtobufWire
import Testing

@Suite("Protocol buffers on the wire")
struct ProtobufReaderTests {
    /// What is read of a message: a line for each field, and the error it ends with.
    private static func read(_ bytes: [UInt8]) -> (fields: [String], error: ProtobufError?) {
        var fields: [String] = []
        let error = unsafe bytes.withUnsafeBytes { bytes -> ProtobufError? in
            var reader = unsafe ProtobufReader(bytes)
            do throws(ProtobufError) {
                while let field = try reader.nextField() {
                    switch field.type {
                    case .varint: fields.append("\(field.number) \(try reader.varint())")
                    case .fixed64: fields.append("\(field.number) \(try reader.fixed64())")
                    case .bytes: fields.append("\(field.number) \(try reader.delimited())")
                    case .fixed32: fields.append("\(field.number) \(try reader.fixed32())")
                    }
                }
                return nil
            } catch { return error }
        }
        return (fields, error)
    }

    @Test(
        "fields of every wire type are read, and groups passed over",
        arguments: [
            ([], []),
            ([0x08, 0x96, 0x01], ["1 150"]),
            ([0x11, 1, 0, 0, 0, 0, 0, 0, 0x80], ["2 9223372036854775809"]),
            ([0x1A, 2, 7, 7, 0x1A, 0], ["3 2..<4", "3 6..<6"]),
            ([0x25, 0, 0, 0x80, 0x3F], ["4 1065353216"]),
            // A group of a varint, in it another group.
            ([0x2B, 0x08, 1, 0x33, 0x34, 0x2C, 0x08, 2], ["1 2"]),
            // The greatest field number; a varint of ten bytes.
            ([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 1], ["536870911 1"]),
            ([0x08] + Array(repeating: 0xFF, count: 9) + [1], ["1 18446744073709551615"]),
        ] as [([UInt8], [String])])
    func fields(bytes: [UInt8], expected: [String]) {
        let read = Self.read(bytes)
        #expect(read.fields == expected)
        #expect(read.error == nil)
    }

    @Test(
        "what is no message is refused at its place",
        arguments: [
            // The field number 0; one too great; wire types there are not.
            ([0x00], .malformed(at: 0, expected: .tag)),
            ([0x08, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F], .malformed(at: 2, expected: .tag)),
            ([0x0E], .malformed(at: 0, expected: .tag)), ([0x0F], .malformed(at: 0, expected: .tag)),
            // A tag and a varint that are too long.
            ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 1], .malformed(at: 0, expected: .tag)),
            ([0x08] + Array(repeating: 0x80, count: 10) + [1], .malformed(at: 11, expected: .varint)),
            // A group's end by itself, of another group, and none.
            ([0x2C], .malformed(at: 1, expected: .groupEnd)), ([0x2B, 0x34], .malformed(at: 1, expected: .groupEnd)),
            ([0x2B, 0x08, 1], .truncated(at: 3, missing: 1)),
            (Array(repeating: 0x2B, count: 101), .malformed(at: 101, expected: .depth)),
            // Values that go on behind the end, and a length that nothing has.
            ([0x08], .truncated(at: 1, missing: 1)), ([0x08, 0x80], .truncated(at: 2, missing: 1)),
            ([0x11, 0, 0], .truncated(at: 1, missing: 6)), ([0x25, 0], .truncated(at: 1, missing: 3)),
            ([0x1A, 5, 7], .truncated(at: 2, missing: 4)),
            ([0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 7], .malformed(at: 1, expected: .length)),
        ] as [([UInt8], ProtobufError)])
    func refused(bytes: [UInt8], error: ProtobufError) {
        #expect(Self.read(bytes).error == error)
    }

    @Test("a text is UTF-8, and the message says where it is not")
    func text() {
        for (bytes, expected) in [([2, 0xC3, 0xBC], "ü"), ([2, 0xC3, 0x28], nil)] as [([UInt8], String?)] {
            unsafe bytes.withUnsafeBytes { bytes in
                var reader = unsafe ProtobufReader(bytes)
                guard let expected else {
                    #expect(throws: ProtobufError.invalidText(at: 1)) { try reader.string() }
                    return
                }
                #expect((try? reader.string()) == expected)
            }
        }
    }
}
