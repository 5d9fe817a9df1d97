internal import AccessControl
internal import HTTPServer

/// `GET /openapi.json`: the API's contract for machines, OpenAPI 3.1. Written as JSON text in parts, one file for each
/// group of endpoints; a test compares its paths and methods with the router's.
enum OpenAPIDocument {
    static func response(version: String) -> HTTPResponse {
        HTTPResponse(
            .ok, headers: [(name: "Content-Type", value: MediaType.json.rawValue)], body: Array(text(version).utf8))
    }

    private static func text(_ version: String) -> String {
        """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "DenseServe",
            "summary": "Keras Dense layers and stacks of them over HTTP",
            "description": "POST tensors, get them back through a Keras Dense layer, or through a registered model. \
        Every response carries X-Request-Id, the client's own where it sent one. Every path answers OPTIONS, and HEAD \
        where it answers GET. An error's body is always the schema Error. Bodies may come as Content-Encoding gzip, deflate \
        or zstd; large answers in JSON or text are given in the one of them that Accept-Encoding likes best.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": "\(version)"
          },
          "servers": [{"url": "/"}],
          "paths": {
        \(server),
        \(dense),
        \(models),
        \(labels),
        \(adapters),
        \(protocols)
          },
          "components": {
            "securitySchemes": {
              "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the server's list"},
              "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same token"},
              "certificate": {"type": "mutualTLS", "description": "A client certificate whose name is listed"}
            },
            "parameters": {
        \(parameters)
            },
            "headers": {
        \(headers)
            },
            "responses": {
        \(responses)
            },
            "schemas": {
        \(schemas),
        \(protocolSchemas)
            }
          }
        }
        """
    }

    /// The statuses the server itself may answer any request with.
    static let general = [400, 408, 414, 417, 431, 500, 501, 503, 505]

    /// The member that says who may do an operation.
    static func access(_ operation: Operation) -> String {
        guard let roles = operation.roles else { return "\"security\": []" }
        let names = roles.union(.admin).names.map { "\"\($0)\"" }.joined(separator: ", ")
        let schemes = ["bearer", "key", "certificate"].map { "{\"\($0)\": [\(names)]}" }.joined(separator: ", ")
        // Without access control nobody needs to show anything.
        return "\"security\": [{}, \(schemes)]"
    }

    /// The error responses of an operation, as members of `responses`: `statuses`, the general ones, and those of access
    /// control where a role is needed.
    static func errors(_ operation: Operation, _ statuses: Int...) -> String {
        let access = operation.roles == nil ? [] : [401, 403, 429]
        return Set(statuses + general + access).sorted()
            .map { "\"\($0)\": {\"$ref\": \"#/components/responses/\($0)\"}" }
            .joined(separator: ", ")
    }
}
