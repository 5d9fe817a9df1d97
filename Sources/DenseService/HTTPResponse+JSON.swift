internal import HTTPServer
internal import TensorCoding

extension HTTPResponse {
    /// An answer in JSON.
    init(_ status: HTTPStatus, json writer: JSONWriter) {
        self.init(status, headers: [(name: "Content-Type", value: MediaType.json.rawValue)], body: writer.bytes)
    }

    /// An answer of one object in JSON, whose members `write` writes.
    init(_ status: HTTPStatus, object write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        write(&writer)
        writer.endObject()
        self.init(status, json: writer)
    }
}
