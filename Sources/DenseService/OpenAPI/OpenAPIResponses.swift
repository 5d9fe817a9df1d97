extension OpenAPIDocument {
    /// Parameters that several operations take.
    static var parameters: String {
        """
              "Name": {"name": "name", "in": "path", "required": true,
                       "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}},
              "Version": {"name": "version", "in": "path", "required": true,
                          "schema": {"type": "integer", "minimum": 1}},
              "Segment": {"name": "name", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}},
              "VersionSegment": {"name": "version", "in": "path", "required": true,
                                 "schema": {"type": "integer", "minimum": 1}},
              "Label": {"name": "label", "in": "path", "required": true,
                        "schema": {"$ref": "#/components/schemas/Label"}},
              "Adapter": {"name": "adapter", "in": "path", "required": true,
                          "schema": {"$ref": "#/components/schemas/AdapterName"}},
              "InferenceHeader": {"name": "Inference-Header-Content-Length", "in": "header",
                                  "description": "Where the JSON ends and binary tensors begin; 0 for a tensor alone",
                                  "schema": {"type": "integer", "minimum": 0}},
              "Timeout": {"name": "X-Request-Timeout-Ms", "in": "header",
                          "description": "The request is dropped (504) when its work has not begun after this time.",
                          "schema": {"type": "integer", "minimum": 1}},
              "Priority": {"name": "X-Request-Priority", "in": "header",
                           "description": "The request's priority where it has to wait; counts before the one in the body.",
                           "schema": {"type": "integer", "minimum": 0, "maximum": 9, "default": 5}}
        """
    }

    /// Header fields of answers.
    static var headers: String {
        """
              "TensorShape": {"description": "The shape of raw octets", "schema": {"type": "string"}},
              "TensorDType": {"description": "The element type of raw octets",
                              "schema": {"$ref": "#/components/schemas/DType"}},
              "ModelVersion": {"description": "The version that computed an answer without JSON",
                               "schema": {"type": "integer"}},
              "ServerTiming": {
                "description": "Milliseconds spent decoding, waiting, computing (the whole batch) and encoding, unless \
        timing_headers is off",
                "schema": {"type": "string"}},
              "DenseBatch": {
                "description": "The rows and requests that were computed as one, this one's included, unless \
        timing_headers is off",
                "schema": {"type": "string", "pattern": "^rows=[0-9]+, requests=[0-9]+$"}},
              "Location": {"description": "The path of the version, or of the model whose status to look at", "schema": {"type": "string"}},
              "WWWAuthenticate": {"description": "How to be let in (RFC 6750)", "schema": {"type": "string"}},
              "Allow": {"description": "The methods the path answers", "schema": {"type": "string"}},
              "RetryAfter": {"description": "Seconds after which to try again", "schema": {"type": "integer"}}
        """
    }

    /// Answers that several operations give: models, and an error for each status.
    static var responses: String {
        let errors = [
            (400, "Not HTTP, not JSON, a field of a wrong type, or both or neither of layer and model", ""),
            (
                401, "No token, or an unknown one, where there is access control",
                header("WWW-Authenticate", "WWWAuthenticate")
            ),
            (403, "The client's roles do not suffice, or models cannot be changed over an open network", ""),
            (404, "No such path, model or version", ""),
            (405, "The path does not answer this method", header("Allow", "Allow")),
            (406, "None of the media types in Accept can be given", ""),
            (408, "The request came too slowly", ""),
            (409, "What was to be changed cannot be", ""),
            (411, "The request needs a body", ""),
            (413, "The body is larger than max_body_bytes", ""),
            (414, "The target is longer than max_target_bytes", ""),
            (415, "The body's media type or coding is not understood", ""),
            (417, "An expectation other than 100-continue", ""),
            (422, "Well-formed, but the tensor or the layer cannot work, or the output is not finite", ""),
            (429, "Too many unknown tokens came from this address", header("Retry-After", "RetryAfter")),
            (431, "The head is larger than max_head_bytes", ""),
            (500, "The server's own fault", ""),
            (501, "The method or transfer coding is unknown", ""),
            (
                503, "The queue is full, there are too many connections, or the server is starting or draining",
                header("Retry-After", "RetryAfter")
            ),
            (504, "The deadline passed before the work began", ""),
            (505, "The HTTP version is not supported", ""),
            (507, "The model store is full", ""),
        ].map { status, description, headers in
            """
                  "\(status)": {
                    "description": "\(description)", \(headers)
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  }
            """
        }
        let models = """
                  "Model": {
                    "description": "The model",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Model"}}}
                  },
                  "Version": {
                    "description": "The version",
                    "headers": {"Location": {"$ref": "#/components/headers/Location"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Version"}}}
                  },
                  "Adapter": {
                    "description": "The adapter",
                    "headers": {"Location": {"$ref": "#/components/headers/Location"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Adapter"}}}
                  }
            """
        let failure = """
                  "Failure": {
                    "description": "What went wrong, in the form of the protocol",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
                  }
            """
        return ([models, failure] + errors).joined(separator: ",\n")
    }

    private static func header(_ name: String, _ reference: String) -> String {
        "\"headers\": {\"\(name)\": {\"$ref\": \"#/components/headers/\(reference)\"}},"
    }
}
