import DenseEngine
import TensorCoding
import Testing

@Suite("NumPy files")
struct NumPyFileTests {
    private func decode(_ bytes: [UInt8]) throws(CodingError) -> Tensor {
        let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Tensor, CodingError> in
            do throws(CodingError) { return .success(unsafe try NumPyFile.decode(buffer)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func file(
        _ header: String, data: Int = 0, version: [UInt8] = [1, 0], length: Int? = nil, magic: String = "NUMPY"
    ) -> [UInt8] {
        let count = length ?? header.utf8.count
        var bytes: [UInt8] = [0x93] + Array(magic.utf8) + version
        bytes += (0..<(version[0] == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    @Test("files that numpy wrote read as numpy's astype(float32) gives them", arguments: NumPySamples.all.indices)
    func samples(index: Int) throws {
        let sample = NumPySamples.all[index]
        // Through the JSON form, which has a base64 decoder: as bytes of a float32 tensor, padded to whole floats.
        let bytes = try #require(base64(sample.base64))
        let tensor = try decode(bytes)
        #expect(tensor.shape.dimensions == sample.shape)
        for (element, bits) in zip(tensor.elements, sample.bits) {
            #expect(element.bitPattern == bits || (element.isNaN && Float(bitPattern: bits).isNaN))
        }
        #expect(tensor.elements.count == sample.bits.count)
    }

    private func base64(_ text: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bits = 0
        var bitCount = 0
        var bytes: [UInt8] = []
        for character in text.utf8 where character != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bytes
    }

    @Test("what is written is what numpy.save writes")
    func encoding() throws {
        let bytes = NumPyFile.encode(try Tensor([2, 3], [1, 2, 3, 4, 5, 6]))
        #expect(bytes.count == 128 + 24)
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
        #expect(Array(bytes[..<10]) == [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
        #expect(String(decoding: bytes[10..<128], as: UTF8.self) == header + String(repeating: " ", count: 58) + "\n")
        #expect(Array(bytes[128..<132]) == [0, 0, 0x80, 0x3F])
        // A file numpy wrote, byte for byte.
        let sample = try #require(NumPySamples.all.last)
        #expect(NumPyFile.encode(try Tensor(sample.shape, [1])) == base64(sample.base64))
    }

    @Test("tensors come back as they were", arguments: [[], [1], [0], [3, 0, 2], [2, 3, 4], [1, 1, 1, 1, 1]])
    func roundTrip(dimensions: [Int]) throws {
        let shape = try Shape(dimensions)
        let tensor = try Tensor(shape: shape, elements: (0..<shape.count).map { Float($0) * 0.1 })
        #expect(try decode(NumPyFile.encode(tensor)) == tensor)
    }

    @Test("headers are read as Python reads their literals")
    func headers() throws {
        for header in [
            #"{"shape":(2,),"descr":"<f4","fortran_order":False}"#,
            "{ 'descr' : '<f4' , 'fortran_order' : True , 'shape' : ( 2 , ) , }   \n",
            "\n{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}",
        ] {
            #expect(try decode(file(header, data: 8)).shape.dimensions == [2])
            #expect(try decode(file(header, data: 8, version: [2, 0])).shape.dimensions == [2])
            #expect(try decode(file(header, data: 8, version: [3, 0])).shape.dimensions == [2])
        }
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2,), }"
        #expect(try decode(file(header, data: 8)).shape.dimensions == [1, 2])
    }

    @Test("what is wrong with a file is said")
    func faults() throws {
        let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
        let with = { (shape: String) in "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }" }
        let typed = { (descr: String) in "{'descr': \(descr), 'fortran_order': False, 'shape': (2,), }" }
        let table: [([UInt8], String)] = [
            ([], "it does not begin with the bytes 93 4E 55 4D 50 59"),
            (file(good, data: 8, magic: "NUMPX"), "it does not begin with"),
            (Array(file(good).prefix(7)), "the version is cut off. Expected 8 bytes, received 7"),
            (file(good, data: 8, version: [4, 0]), "Expected 1.0, 2.0 or 3.0, received 4.0"),
            (file(good, data: 8, version: [1, 1]), "received 1.1"),
            (Array(file(good).prefix(9)), "the header length is cut off"),
            (file(good, data: 8, length: 65_535), "the header is cut off. Expected 65545 bytes"),
            (file(good, data: 8, version: [2, 0], length: 65_536), "Expected at most 65535 bytes, received 65536"),
            (file(good, data: 8, version: [2, 0], length: 4_294_967_295), "received 4294967295"),
            (file(good, data: 7), "Expected 8 bytes for shape [2], received 7"),
            (file(good, data: 9), "received 9"),
            (
                file(with("(1000000000, 4)"), data: 8),
                "Expected 16000000000 bytes for shape [1000000000, 4], received 8"
            ),
            (file(with("(4611686018427387904,)"), data: 8), "for shape [4611686018427387904], received 8"),
            (file(with("(4294967296, 4294967296)"), data: 8), "The shape is not usable"),
            (file(with("(0, 9223372036854775807)")), "The shape is not usable"),
            (file(with("(1000000000, 0)")), "no more than 1048576 rows of nothing"),
            (file(with("(2)"), data: 8), "'shape' is no tuple"),
            (file(with("2"), data: 8), "'(' is missing"),
            (file(with("(-2,)"), data: 8), "no axis's size"),
            (file(with("(02,)"), data: 8), "no axis's size"),
            (file(with("(2L,)"), data: 8), "'shape' is no tuple"),
            (file(with("(99999999999999999999,)"), data: 8), "no axis's size"),
            (file(with("(,)"), data: 8), "no axis's size"),
            (file(with("(" + String(repeating: "1,", count: 33) + ")"), data: 4), "more than 32 axes"),
            (file(typed("'<c8'"), data: 16), "received '<c8'"),
            (file(typed("'|O'"), data: 16), "received '|O'"),
            (file(typed("'<f3'"), data: 16), "received '<f3'"),
            (file(typed("'|f4'"), data: 8), "received '|f4'"),
            (file(typed("'f4'"), data: 8), "received 'f4'"),
            (file(typed("[('a', '<f4')]"), data: 8), "a string is missing"),
            (file("{'descr': '<f4', 'shape': (2,), }", data: 8), "the key 'fortran_order' is missing"),
            (file("{'fortran_order': False, 'shape': (2,), }", data: 8), "the key 'descr' is missing"),
            (file("{'descr': '<f4', 'fortran_order': False}", data: 8), "the key 'shape' is missing"),
            (file("{}"), "the key 'descr' is missing"),
            (file(""), "'{' is missing"),
            (file("{'descr': '<f4', 'descr': '<f4', }"), "the key 'descr' is unknown or comes twice"),
            (file("{'x': '<f4'}"), "the key 'x' is unknown"),
            (file("{'descr': '<f4"), "a string is not closed"),
            (file("{'descr': '<f\u{E9}'}"), "more than plain ASCII"),
            (file("{'descr': '<f4', 'fortran_order': 0}"), "neither True nor False"),
            (file(good + " x", data: 8), "something follows the dictionary (byte 68)"),
            (file("__import__('os')"), "'{' is missing (byte 10)"),
        ]
        for (bytes, sentence) in table {
            let error = try #require(failure { () throws(CodingError) in _ = try decode(bytes) }, "\(sentence)")
            #expect(error.description.contains(sentence), "\(error)")
        }
    }

    @Test("a file cut off anywhere is refused")
    func truncation() throws {
        let bytes = NumPyFile.encode(try Tensor([2, 2], [1, 2, 3, 4]))
        for length in bytes.indices {
            #expect(
                failure { () throws(CodingError) in _ = try decode(Array(bytes[..<length])) }?.code == "invalid_npy")
        }
    }
}
