internal import FoundationEssentials

extension ModelRegistry {
    /// Registers every `*.json` file of a folder, each a model named by its file's name without the ending, in the order of
    /// their names. Other files and folders are left alone.
    ///
    /// - Returns: The registered models.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for the first that is no model.
    @discardableResult
    package func loadFolder(_ path: String) throws(ModelStoreError) -> [Model] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
        var models: [Model] = []
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            models.append(try loadFile(path + "/" + name, as: String(name.dropLast(".json".count))))
        }
        return models
    }

    private func loadFile(_ path: String, as name: String) throws(ModelStoreError) -> Model {
        let document = try ModelDocument(path: path)
        do throws(ModelStoreError) { return try register(name, document).model } catch {
            throw .brokenFile(path: path, error)
        }
    }
}

extension ModelDocument {
    /// Reads a JSON document from a file.
    ///
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for what is wrong in it.
    package init(path: String) throws(ModelStoreError) {
        let bytes: [UInt8]
        do { bytes = Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
        do throws(ModelStoreError) { try self.init(json: bytes) } catch { throw .brokenFile(path: path, error) }
    }
}
