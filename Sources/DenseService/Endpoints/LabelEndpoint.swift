internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// `/models/{name}/labels` and what is below it.
enum LabelEndpoint {
    static func list(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try api { () throws(ModelStoreError) in try models.model(path.name) }
        return HTTPResponse(.ok) { writer in
            ModelDescription.write(labels: model.labels, to: &writer)
        }
    }

    /// 201 for a new label, 200 for one that was moved or stays.
    static func set(
        _ path: PathParameters, _ body: HTTPBody, in models: ModelRegistry
    ) throws(APIError) -> HTTPResponse {
        let version = try version(body)
        let isNew = try api { () throws(ModelStoreError) in
            try models.setLabel(path.label, of: path.name, to: version)
        }
        return HTTPResponse(isNew ? .created : .ok) { writer in
            writer.member("name", path.name)
            writer.member("label", path.label)
            writer.member("version", version)
        }
    }

    static func remove(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        try api { () throws(ModelStoreError) in try models.removeLabel(path.label, of: path.name) }
        return HTTPResponse(.noContent)
    }

    /// Of a body `{"version": 3}`.
    private static func version(_ body: HTTPBody) throws(APIError) -> Int {
        try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            try api { () throws(CodingError) in
                var reader = try unsafe JSONReader(bytes: bytes, padding: HTTPBody.padding)
                var version: Int?
                try reader.beginObject()
                while let name = try reader.nextField() {
                    guard name == "version" else { throw reader.unknownField(allowed: ["version"]) }
                    version = try reader.readInt()
                }
                guard let version else { throw reader.missingField("version") }
                try reader.finish()
                return version
            }
        }
    }
}
