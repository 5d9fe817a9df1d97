import DenseEngine
import TensorCoding
import Testing

@Suite("Element types of other protocols")
struct ElementTypeTests {
    @Test("octets of any type become the nearest float32")
    func octets() throws {
        func decode<Number: BitwiseCopyable>(_ numbers: [Number], _ type: ElementType) throws -> [Float] {
            try unsafe numbers.withUnsafeBytes { bytes in
                unsafe try RawTensor.decode(bytes, shape: Shape([numbers.count]), element: type).elements
            }
        }
        #expect(try decode([0, 7] as [UInt8], .bool) == [0, 1])
        #expect(try decode([255] as [UInt8], .uint8) == [255])
        #expect(try decode([-128] as [Int8], .int8) == [-128])
        #expect(try decode([UInt64.max], .uint64) == [0x1p64])
        #expect(try decode([Int64.min, 16_777_217], .int64) == [-0x1p63, 16_777_216])
        #expect(try decode([0x3C00] as [UInt16], .float16) == [1])
        #expect(try decode([0x3F80] as [UInt16], .bfloat16) == [1])
        #expect(try decode([Double.infinity, 0.1], .float64) == [.infinity, 0.1])
        #expect(throws: ElementFault.outOfRange(index: 1)) { try decode([1, 1e39] as [Double], .float64) }
    }

    @Test("sizes that do not fit are refused before anything is allocated")
    func sizes() throws {
        let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: ElementFault.byteCount(expected: 16, received: 0)) {
            unsafe try RawTensor.decode(none, shape: Shape([2]), element: .float64)
        }
        #expect(throws: ElementFault.byteCount(expected: nil, received: 0)) {
            unsafe try RawTensor.decode(none, shape: Shape([1 << 62]), element: .float64)
        }
        #expect(throws: ElementFault.shape) {
            unsafe try RawTensor.decode(none, shape: Shape([1 << 40, 0]), element: .bool)
        }
    }

    @Test("base64 is read whole or not at all")
    func base64() {
        #expect(RawTensor.bytes(base64: "AACAPw==") == [0, 0, 0x80, 0x3F])
        #expect(RawTensor.bytes(base64: "") == [])
        #expect(RawTensor.bytes(base64: "AACA!w==") == nil)
        #expect(RawTensor.bytes(base64: "AAC") == nil)
    }

    @Test("a value that was passed over is read later, and what follows it next")
    func postponed() throws {
        let text = Array(#"{"data":[[1,2],[3,4]],"next":7}"#.utf8)
        try unsafe text.withUnsafeBytes { bytes in
            var reader = unsafe try JSONReader(bytes: bytes)
            try reader.beginObject()
            #expect(try reader.nextField() == "data")
            let postponed = try reader.postponeValue()
            #expect(try reader.nextField() == "next")
            let tensor = try reader.read(postponed) { (reader) throws(CodingError) in
                try reader.readElements(.int8, shape: (try? Shape([4])) ?? .scalar)
            }
            #expect(tensor.elements == [1, 2, 3, 4])
            #expect(try reader.readInt() == 7)
            #expect(try reader.nextField() == nil)
            try reader.finish()
        }
    }
}
