import ArgumentParser
import DenseEngine
import DenseService
import Glibc
import ModelStore
import TensorCoding

/// `dense-serve predict`: runs a model over one tensor, without a server.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Runs a model over a tensor in a file, without a server.",
        discussion: """
            The model is a file as `PUT /models/{name}` takes it (JSON, .keras, .h5, .safetensors, .npz, .onnx), or a Keras \
            layer's configuration, whose initializers then make the weights; {...} is taken as the JSON itself. The input is a JSON tensor, a request body with \
            the member "input", or a NumPy .npy file. The output is what POST /dense answers, or a .npy file.

              dense-serve predict --model config/models/attention.json --input x.json
              dense-serve predict --model model.json --input x.npy --output y.npy --format npy
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case nested, flat, base64, npy
    }

    @Option(help: ArgumentHelp("Model or layer configuration.", valueName: "file"))
    var model: String

    @OptionGroup var file: ModelFile

    @Option(help: ArgumentHelp("Input tensor; - for standard input.", valueName: "file"))
    var input: String

    @Option(help: ArgumentHelp("Where the output goes; - for standard output.", valueName: "file"))
    var output = "-"

    @Option(help: "How the output is written.")
    var format = Format.nested

    @Option(help: "What NaN and infinities become in JSON: an error, a token, null or a string.")
    var nonFinite = NonFinitePolicy.error

    func validate() throws {
        if model == "-" && input == "-" { throw ValidationError("Only one of --model and --input can be -.") }
    }

    func run() throws {
        try Kernels.requireSupportedCPU()
        let document = try file.document(model)
        let tensor = try FileContentError.naming(input) {
            try InputTensor.decode(InputFile.read(input), asDoubles: document.takesDoubles)
        }
        let network = try Sequential(document.layers, inputShape: tensor.shape)
        let result = try network(tensor, returnLogits: false, returnLosses: false)
        for warning in result.warnings {
            StandardStream.write(Array("Warning: \(warning)\n".utf8), to: STDERR_FILENO)
        }
        try InputFile.write(encoded(result), to: output)
    }

    private func encoded(_ result: ModelOutput) throws -> [UInt8] {
        guard let form = TensorForm(rawValue: format.rawValue) else { return NumPyFile.encode(result.output) }
        return try result.json(form: form, nonFinite: nonFinite) + [UInt8(ascii: "\n")]
    }
}

extension NonFinitePolicy: ExpressibleByArgument {}
