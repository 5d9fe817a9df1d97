import ModelStore

/// A model given on the command line.
enum ModelFile {
    /// What a file, standard input (`-`) or JSON written out (`{...}`) describes.
    ///
    /// - Throws: `InputFileError`, `FileContentError`.
    static func document(_ argument: String) throws -> ModelDocument {
        let isJSON = argument.hasPrefix("{")
        return try FileContentError.naming(isJSON ? "the model given as JSON" : argument) {
            let bytes = isJSON ? Array(argument.utf8) : try InputFile.read(argument)
            return try unsafe bytes.withUnsafeBytes { try unsafe ModelDocument(json: $0) }
        }
    }
}
