import DenseEngine
import ModelStore
import TensorCoding
import Testing

@Suite("SafeTensors")
struct SafeTensorsTests {
    @Test("a file holds header length, header and octets, as the format says")
    func layout() throws {
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        let model = try registry.register("m", ModelSamples.document()).model
        let file = model.safeTensors
        let length = (0..<8).reduce(0) { $0 | Int(file[$1]) << ($1 * 8) }
        #expect(length.isMultiple(of: 8))
        #expect(file.count == 8 + length + 8 * 4)

        guard case .object(let header) = try ConfigValue(json: Array(file[8..<8 + length])) else {
            Issue.record("The header is no object.")
            return
        }
        #expect(header.members.map(\.name) == ["__metadata__", "dense.kernel", "dense.bias"])
        #expect(
            header["dense.kernel"]
                == .object([
                    "dtype": .string("F32"), "shape": .array([.int(3), .int(2)]),
                    "data_offsets": .array([.int(0), .int(24)]),
                ]))
        #expect(
            header["dense.bias"]
                == .object([
                    "dtype": .string("F32"), "shape": .array([.int(2)]), "data_offsets": .array([.int(24), .int(32)]),
                ]))
        guard case .object(let metadata)? = header["__metadata__"] else {
            Issue.record("There is no metadata.")
            return
        }
        #expect(metadata["sha256"] == .string(model.content.digest.hexadecimal))
        #expect(metadata["version"] == .string("1"))

        let values = stride(from: 8 + length, to: file.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(file[start + $1]) << ($1 * 8) })
        }
        #expect(values == [1, 2, 3, 4, 5, 6, 0.5, -0.5])
    }
}
