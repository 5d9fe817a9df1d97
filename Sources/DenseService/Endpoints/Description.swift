internal import HTTPServer
internal import TensorCoding

/// `GET /`: what this is, and where to go on.
enum Description {
    static func response(version: String) -> HTTPResponse {
        return HTTPResponse(.ok) { writer in
            writer.member("name", "DenseServe")
            writer.member("version", version)
            // KServe's V1 clients ask for it.
            writer.member("status", "alive")
            writer.member(
                "description",
                "POST tensors, get them back through a Keras Dense layer or a registered stack of them.")
            writer.name("links")
            writer.beginObject()
            for path in PathTemplate.allCases where path != .root {
                writer.member(path.rawValue, path.operations.map(\.method.rawValue).joined(separator: ", "))
            }
            writer.endObject()
        }
    }
}
