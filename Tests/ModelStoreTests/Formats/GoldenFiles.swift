import DenseEngine
import FoundationEssentials
import ModelStore
import TensorCoding

/// The files of `Tests/Golden/files`, `graphs`, `onnx`, `precision`, `dtypes` and `float64`: written by Keras, h5py, NumPy, safetensors and PyTorch,
/// with what these, or ONNX Runtime, compute.
enum GoldenFiles {
    struct Case: CustomStringConvertible, Sendable {
        /// The folder's and the file's.
        let name: String
        let options: ModelFileOptions
        let input: ConfigValue
        let output: ConfigValue
        /// Of the output.
        let dtype: DType

        var description: String { name }
        var bytes: [UInt8] { GoldenFiles.bytes(name) }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden").path

    /// - Parameter name: within the folder of its kind, `files` where it says none.
    static func bytes(_ name: String) -> [UInt8] {
        let path = name.contains("/") ? name : "files/\(name)"
        return (try? Data(contentsOf: URL(filePath: "\(folder)/\(path)"))).map { Array($0) } ?? []
    }

    static let cases = ["files", "graphs", "onnx", "precision", "dtypes", "float64"].flatMap(cases(in:))

    private static func cases(in folder: String) -> [Case] {
        guard case .object(let document)? = try? ConfigValue(json: bytes("\(folder)/expected.json")),
            case .object(let cases)? = document["cases"]
        else { return [] }
        return cases.members.compactMap { member in
            guard case .object(let fields) = member.value, let input = fields["input"], let output = fields["output"]
            else { return nil }
            var options = ModelFileOptions()
            if case .string(let config)? = fields["config"] { options.configuration = bytes("\(folder)/\(config)") }
            if case .string(let names)? = fields["activations"] { options.activations = ModelFileOptions.names(names) }
            var dtype = DType.float32
            if case .string(let name)? = fields["dtype"] { dtype = DType(rawValue: name) ?? .float32 }
            return Case(
                name: "\(folder)/\(member.name)", options: options, input: input, output: output, dtype: dtype)
        }
    }

    static func tensor(_ value: ConfigValue, readsDoubles: Bool = false) throws -> Tensor {
        let bytes = Array(value.json.utf8)
        return try unsafe bytes.withUnsafeBytes { bytes in
            var reader = try unsafe JSONReader(bytes: bytes, readsDoubles: readsDoubles)
            return try reader.readTensor()
        }
    }
}
