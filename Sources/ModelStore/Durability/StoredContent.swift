extension ModelContent {
    /// The content as its file in the store: safetensors with the layers' configurations.
    var stored: [UInt8] { Model(name: "", version: 0, content: self).safeTensors(isNamed: false) }

    /// Reads such a file.
    ///
    /// - Throws: `damagedFile` for any other content than the one with this digest.
    convenience init(stored bytes: [UInt8], digest: ModelDigest) throws(ModelStoreError) {
        self.init(try ModelDocument(file: bytes).build())
        guard self.digest == digest else {
            throw .damagedFile(
                reason: "Its content is not what was registered. Expected \(digest), received \(self.digest).")
        }
    }
}
