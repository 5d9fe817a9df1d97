package import DenseEngine

extension ConfigValue {
    /// Reads a whole JSON document.
    package init(json: [UInt8], allowsNonFinite: Bool = false) throws(CodingError) {
        throw .outOfMemory(bytes: json.count)
    }

    /// Reads a whole JSON document.
    package init(json: String, allowsNonFinite: Bool = false) throws(CodingError) {
        try self.init(json: Array(json.utf8), allowsNonFinite: allowsNonFinite)
    }

    /// The value as JSON text, without white space.
    package var json: String {
        var writer = JSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
