import ModelStore

/// A model given on the command line.
enum ModelFile {
    /// What a file, standard input (`-`) or JSON written out (`{...}`) describes.
    ///
    /// - Throws: `InputFileError`, `ModelStoreError`.
    static func document(_ argument: String) throws -> ModelDocument {
        let bytes = argument.hasPrefix("{") ? Array(argument.utf8) : try InputFile.read(argument)
        return try unsafe bytes.withUnsafeBytes { try unsafe ModelDocument(json: $0) }
    }
}
