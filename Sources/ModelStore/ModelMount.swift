// Folders as hosts of models lay them out: KServe's storage initializer at `/mnt/models`, SageMaker at `/opt/ml/model`.

extension ModelRegistry {
    /// Registers what a host has put into a folder:
    ///
    ///     mount/model.keras              one model, called as the host says, or else as the file
    ///     mount/1/model.keras            its versions, in TensorFlow Serving's layout
    ///     mount/NAME/model.keras         several models, called as their folders
    ///     mount/NAME/1/model.keras
    ///
    /// Versions have the numbers of their folders.
    ///
    /// - Parameter name: of a model that lies in no folder of its own; nil for the file's name.
    /// - Returns: The registered models.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for the first that is no model.
    @discardableResult
    package func loadMount(_ path: String, name: String? = nil) throws(ModelStoreError) -> [Model] {
        let listing = try FolderListing(path)
        let files = ModelFolder.entries(listing)
        if files.count == 1, let name { return try load(ModelFolder.entries(listing, as: name)) }
        var candidates = files + ModelFolder.versions(of: name ?? "model", in: listing)
        for folder in listing.folders where !FolderListing.isNumber(folder) && Self.isValid(name: folder) {
            let own = try FolderListing("\(path)/\(folder)")
            let files = ModelFolder.entries(own, as: folder)
            // Of several files in a folder none could be called as the folder is.
            if files.count == 1 { candidates += files }
            candidates += ModelFolder.versions(of: folder, in: own)
        }
        return try load(candidates)
    }
}
