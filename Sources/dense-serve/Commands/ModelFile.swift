import ArgumentParser
import ModelStore

/// A model given on the command line.
struct ModelFile: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The layers' configuration (JSON), for a file that holds weights only.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Activations of the layers, for arrays without a configuration: relu,linear.", valueName: "names"))
    var activations: String?

    @Option(help: ArgumentHelp("Quantize the weights: int8.", valueName: "mode"))
    var quantize: String?

    /// What a file of any kind, standard input (`-`) or JSON written out (`{...}`) describes.
    ///
    /// - Throws: `InputFileError`, `FileContentError`.
    func document(_ argument: String) throws -> ModelDocument {
        let isJSON = argument.hasPrefix("{")
        return try FileContentError.naming(isJSON ? "the model given as JSON" : argument) {
            var options = ModelFileOptions(
                configuration: try config.map { try InputFile.read($0) },
                activations: activations.map(ModelFileOptions.names))
            if let quantize { try options.setQuantization(quantize) }
            return try ModelDocument(file: isJSON ? Array(argument.utf8) : try InputFile.read(argument), options)
        }
    }
}
