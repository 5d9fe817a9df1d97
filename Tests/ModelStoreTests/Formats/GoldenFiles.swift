import DenseEngine
import FoundationEssentials
import ModelStore
import TensorCoding

/// The files of `Tests/Golden/files`: written by Keras, h5py, NumPy and safetensors, with what Keras computes.
enum GoldenFiles {
    struct Case: CustomStringConvertible, Sendable {
        let name: String
        let options: ModelFileOptions
        let input: ConfigValue
        let output: ConfigValue

        var description: String { name }
        var bytes: [UInt8] { GoldenFiles.bytes(name) }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden/files").path

    static func bytes(_ name: String) -> [UInt8] {
        (try? Data(contentsOf: URL(filePath: "\(folder)/\(name)"))).map { Array($0) } ?? []
    }

    static let cases: [Case] = {
        guard case .object(let document)? = try? ConfigValue(json: bytes("expected.json")),
            case .object(let cases)? = document["cases"]
        else { return [] }
        return cases.members.compactMap { member in
            guard case .object(let fields) = member.value, let input = fields["input"], let output = fields["output"]
            else { return nil }
            var options = ModelFileOptions()
            if case .string(let config)? = fields["config"] { options.configuration = bytes(config) }
            if case .string(let names)? = fields["activations"] { options.activations = ModelFileOptions.names(names) }
            return Case(name: member.name, options: options, input: input, output: output)
        }
    }()

    static func tensor(_ value: ConfigValue) throws -> Tensor {
        let bytes = Array(value.json.utf8)
        return try unsafe bytes.withUnsafeBytes { bytes in
            var reader = try unsafe JSONReader(bytes: bytes)
            return try reader.readTensor()
        }
    }
}
