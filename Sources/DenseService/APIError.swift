package import DenseEngine
internal import HTTPServer
internal import TensorCoding

/// An error as the API states it: a status, and the facts of the error body.
package struct APIError: Error {
    package var status: Int
    /// A stable name for programs, in snake case.
    package var code: String
    /// A full sentence.
    package var message: String
    /// Where in the request's JSON body it is (RFC 6901).
    package var pointer: String?
    package var expected: ConfigValue?
    package var received: ConfigValue?
    /// Bytes before the place, in the request's body.
    package var offset: Int?
    var headers: [(name: String, value: String)] = []
    /// Whether the client has to connect anew after it.
    var closesConnection = false

    package init(
        _ status: Int, _ code: String, _ message: String, pointer: String? = nil, expected: ConfigValue? = nil,
        received: ConfigValue? = nil, offset: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.pointer = pointer
        self.expected = expected
        self.received = received
        self.offset = offset
    }

    /// The error's answer.
    var response: HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("error", message)
        writer.member("code", code)
        writer.writeMember("pointer", pointer.map(ConfigValue.string))
        writer.writeMember("expected", expected)
        writer.writeMember("received", received)
        writer.writeMember("offset", offset.map(ConfigValue.int))
        writer.endObject()
        return response(HTTPStatus(status), writer)
    }

    /// The error's answer in a protocol that has a sentence for it and nothing else: `{"error": "..."}`.
    func response(saying sentence: String, _ status: HTTPStatus) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("error", sentence)
        writer.endObject()
        return response(status, writer)
    }

    private func response(_ status: HTTPStatus, _ writer: JSONWriter) -> HTTPResponse {
        var response = HTTPResponse(status, json: writer)
        response.headers += headers
        response.closesConnection = closesConnection
        return response
    }
}

extension JSONWriter {
    /// Writes a member, unless there is no value.
    fileprivate mutating func writeMember(_ name: String, _ value: ConfigValue?) {
        if let value { member(name, value) }
    }
}
