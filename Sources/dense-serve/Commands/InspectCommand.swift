import ArgumentParser
import DenseEngine
import Glibc
import ModelStore
import TensorCoding

/// `dense-serve inspect`: what a model file holds.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a model file's layers, shapes, parameters, bytes and sha256.",
        discussion: "The sha256 is the one GET /models shows, and \"model\": \"sha256:...\" addresses.")

    @Argument(
        help: ArgumentHelp(
            "Model file (.json, .keras, .h5, .weights.h5, .safetensors, .npz, .npy, .onnx), or a layer's configuration that says its "
                + "input shape; - for standard input."))
    var file: String

    @OptionGroup var model: ModelFile

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try Kernels.requireSupportedCPU()
        let model = ModelContent(try model.document(file).build())
        let text =
            json ? ModelSummary.json(model) : ModelSummary.table(model, colour: Terminal.hasColour(STDOUT_FILENO))
        StandardStream.write(Array(text.utf8), to: STDOUT_FILENO)
    }
}

/// A model as text.
enum ModelSummary {
    static func json(_ model: ModelContent) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("sha256", model.digest.hexadecimal)
        writer.member("input_shape", shape(model.network.inputShape))
        writer.member("output_shape", shape(model.network.outputShape))
        writer.member("parameters", model.network.parameterCount)
        writer.member("bytes", model.network.byteCount)
        writer.name("layers")
        writer.beginArray()
        for layer in model.network.layers {
            writer.beginObject()
            writer.member("name", layer.name)
            writer.member("class_name", className(layer))
            writer.member("parameters", parameters(layer))
            writer.name("weights")
            writer.beginObject()
            for weight in layer.weights {
                writer.member(weight.name, weight.tensor.shape.dimensions)
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    static func table(_ model: ModelContent, colour: Bool) -> String {
        let title = ["layer", "class", "parameters", "weights"]
        let rows = model.network.layers.map { layer in
            let weights = layer.weights.map { "\($0.name) \($0.tensor.shape)" }.joined(separator: ", ")
            return [layer.name, className(layer), String(parameters(layer)), weights]
        }
        let widths = title.indices.map { column in ([title] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([title] + rows).map { row in
            var line = zip(row, widths).map { $0.padded(to: $1 + 2) }.joined()
            while line.last == " " { line.removeLast() }
            return line
        }
        let totals = [
            ("input shape", python(model.network.inputShape)), ("output shape", python(model.network.outputShape)),
            ("parameters", String(model.network.parameterCount)), ("bytes", String(model.network.byteCount)),
            ("sha256", model.digest.hexadecimal),
        ].map { (colour ? Terminal.styled($0.padded(to: 14), .bold) : $0.padded(to: 14)) + $1 }
        let head = colour ? Terminal.styled(lines[0], .bold) : lines[0]
        return ([head] + lines.dropFirst() + [""] + totals).joined(separator: "\n") + "\n"
    }

    private static func parameters(_ layer: Layer) -> Int {
        layer.weights.reduce(0) { $0 + $1.tensor.shape.count }
    }

    private static func className(_ layer: Layer) -> String {
        guard case .object(let members) = layer.configuration.serialized, case .string(let name) = members["class_name"]
        else { return "" }
        return name
    }

    /// A shape as JSON: `[null, 4]`, or `null` when nothing is known of it.
    private static func shape(_ shape: [Int?]?) -> ConfigValue {
        shape.map { .array($0.map { $0.map(ConfigValue.int) ?? .null }) } ?? .null
    }

    /// A shape as Python writes it: `(None, 4)`.
    private static func python(_ shape: [Int?]?) -> String {
        guard let shape else { return "any" }
        let sizes = shape.map { $0.map { String($0) } ?? "None" }
        return sizes.count == 1 ? "(\(sizes[0]),)" : "(" + sizes.joined(separator: ", ") + ")"
    }
}
