import DenseEngine
import TensorCoding
import Testing

/// `dense-serve predict`, as a process.
@Suite("dense-serve predict")
struct PredictTests {
    private static let layer = #"{"units": 1, "kernel_initializer": "ones", "activation": "relu"}"#
    private static let model =
        #"{"layers": [{"layer": {"units": 2}, "weights": {"kernel": [[1, 2], [3, 4]], "bias": [0, 1]}}]}"#

    @Test(
        "every form of a JSON tensor is read",
        arguments: [
            "[[1, 1], [0, 2]]", #"{"shape": [2, 2], "data": [1, 1, 0, 2]}"#, #"{"input": [[1, 1], [0, 2]]}"#,
            #"{"parameters": {}, "input": {"shape": [2, 2], "data": [1, 1, 0, 2]}}"#,
        ])
    func forms(input: String) throws {
        let model = try TemporaryFile(Self.model)
        let result = try ChildProcess.run("predict", "--model", model.path, "--input", "-", input: Array(input.utf8))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == #"{"output":[[4.0,7.0],[6.0,9.0]],"shape":[2,2],"dtype":"float32"}"# + "\n")
    }

    @Test("the output is written in the form asked for")
    func formats() throws {
        let model = try TemporaryFile(Self.model)
        let input = try TemporaryFile("[[1, 1]]")
        let flat = try ChildProcess.run("predict", "--model", model.path, "--input", input.path, "--format", "flat")
        #expect(flat.output.contains(#""data":[4.0,7.0]"#), "\(flat.output)\(flat.errors)")
        let base64 = try ChildProcess.run("predict", "--model", model.path, "--input", input.path, "--format", "base64")
        #expect(base64.output.contains(#""b64":"AACAQAAA4EA=""#), "\(base64.output)\(base64.errors)")
    }

    @Test("a NumPy file goes in and another comes out")
    func numPy() throws {
        let model = try TemporaryFile(Self.model)
        let input = try TemporaryFile(NumPyFile.encode(Tensor([2, 2], [1, 1, 0, 2])))
        let output = try TemporaryFile("")
        let result = try ChildProcess.run(
            "predict", "--model", model.path, "--input", input.path, "--output", output.path, "--format", "npy")
        #expect(result.status == 0, "\(result.errors)")
        let tensor = try unsafe output.contents.withUnsafeBytes { try unsafe NumPyFile.decode($0) }
        #expect(try tensor == Tensor([2, 2], [4, 7, 6, 9]))
    }

    @Test("a configuration without weights has them made")
    func configuration() throws {
        let serialized =
            #"{"class_name": "Dense", "config": {"units": 1, "kernel_initializer": "ones"}, "build_config": {"input_shape": [null, 2]}}"#
        let result = try ChildProcess.run(
            "predict", "--model", serialized, "--input", "-", input: Array("[[1, 2]]".utf8))
        #expect(result.output.hasPrefix(#"{"output":[[3.0]]"#), "\(result.errors)")
        let bare = try ChildProcess.run("predict", "--model", Self.layer, "--input", "-", input: Array("[[1, 2]]".utf8))
        #expect(bare.output.hasPrefix(#"{"output":[[3.0]]"#), "\(bare.errors)")
    }

    @Test("a warning of Keras's goes to standard error")
    func warning() throws {
        let layer = #"{"units": 1, "activation": "softmax"}"#
        let result = try ChildProcess.run("predict", "--model", layer, "--input", "-", input: Array("[[1, 2]]".utf8))
        #expect(result.status == 0)
        #expect(result.errors.hasPrefix("Warning: "), "\(result.errors)")
    }

    @Test(
        "what cannot be computed ends with 1 and a sentence",
        arguments: [
            ("[[1, 2, 3]]", "expected axis -1"), ("[[1, 2], [3]]", "ragged"), ("[1, 2]", "min_ndim=2"), ("[[1, 2]", ""),
            ("", ""), ("{}", ""), (#"{"shape": [1, 2], "data": [1]}"#, ""),
        ])
    func wrongInput(input: String, message: String) throws {
        let model = try TemporaryFile(Self.model)
        let result = try ChildProcess.run("predict", "--model", model.path, "--input", "-", input: Array(input.utf8))
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: ") && result.errors.lowercased().contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test("what is wrong in a file is said with the file's name")
    func names() throws {
        let (model, wrong) = (try TemporaryFile(Self.model), try TemporaryFile("[[1, 2], [3]]"))
        let input = try ChildProcess.run("predict", "--model", model.path, "--input", wrong.path)
        #expect(input.errors.hasPrefix("Error: \(wrong.path): "), "\(input.errors)")
        let swapped = try ChildProcess.run("predict", "--model", wrong.path, "--input", "-")
        #expect(swapped.errors.hasPrefix("Error: \(wrong.path): "), "\(swapped.errors)")
        let piped = try ChildProcess.run("predict", "--model", model.path, "--input", "-", input: Array("[".utf8))
        #expect(piped.errors.hasPrefix("Error: standard input: "), "\(piped.errors)")
    }

    @Test("a file that is not there is named, and misuse ends with 64")
    func misuse() throws {
        let missing = try ChildProcess.run("predict", "--model", "/nowhere.json", "--input", "-")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("/nowhere.json"))
        #expect(try ChildProcess.run("predict", "--model", "-", "--input", "-").status == 64)
        #expect(try ChildProcess.run("predict").status == 64)
        #expect(try ChildProcess.run("predict", "--model", "{}", "--input", "-", "--format", "xml").status == 64)
    }
}
