internal import ModelStore

/// The model a path of TensorFlow Serving names: by name, and perhaps by version or label.
struct V1Model: Sendable {
    let name: String
    let version: Int?
    let label: String?

    /// - Throws: for a version that is no number.
    init(_ path: PathParameters) throws(APIError) {
        name = path.name
        label = path.label.isEmpty ? nil : path.label
        guard !path.version.isEmpty else {
            version = nil
            return
        }
        guard let number = Int(path.version), number >= 0 else {
            throw APIError(
                400, "invalid_argument", "Failed to convert version: \(path.version.prefix(100)) to numeric.")
        }
        version = number
    }

    /// - Throws: in TensorFlow Serving's words, when there is none.
    func lookup(in models: ModelRegistry) throws(APIError) -> Model {
        guard let model = try? models.lookup(name, version: version, label: label) else {
            if let label { throw APIError(V1Error.unknownLabel(label)) }
            let request = version.map { "Specific(\(name), \($0))" } ?? "Latest(\(name))"
            throw APIError(V1Error.noServable(request))
        }
        return model
    }

    /// All that the path names: every version where it names none.
    func versions(in models: ModelRegistry) throws(APIError) -> [Model] {
        if label != nil || version != nil { return [try lookup(in: models)] }
        guard let versions = try? models.versions(of: name) else { throw APIError(V1Error.noVersions(model: name)) }
        return versions.reversed()
    }
}
