extension OpenAPIDocument {
    /// The adapters of a model's latest version, and of a version.
    static var adapters: String {
        [
            adapterPaths("/models/{name}", "Name", "Adapter"),
            adapterPaths("/models/{name}/versions/{version}", "Name Version", "VersionAdapter"),
        ].joined(separator: ",\n")
    }

    /// - Parameters:
    ///   - owner: the path of whose adapters they are.
    ///   - variables: the parameters of that path.
    ///   - noun: what the operations' identifiers end in.
    private static func adapterPaths(_ owner: String, _ variables: String, _ noun: String) -> String {
        let parameters = variables.split(separator: " ").map { "{\"$ref\": \"#/components/parameters/\($0)\"}" }
            .joined(separator: ", ")
        return """
                "\(owner)/adapters": {
                  "parameters": [\(parameters)],
                  "get": {
                    "operationId": "list\(noun)s", \(access(.listAdapters)),
                    "tags": ["models"], "summary": "The adapters of a version, the latest where none is named",
                    "responses": {
                      "200": {
                        "description": "The adapters by name",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Adapters"}}}
                      },
                      \(errors(.listAdapters, 404))
                    }
                  }
                },
                "\(owner)/adapters/{adapter}": {
                  "parameters": [\(parameters), {"$ref": "#/components/parameters/Adapter"}],
                  "get": {
                    "operationId": "read\(noun)", \(access(.readAdapter)),
                    "tags": ["models"], "summary": "One adapter",
                    "responses": {"200": {"$ref": "#/components/responses/Adapter"}, \(errors(.readAdapter, 404))}
                  },
                  "put": {
                    "operationId": "register\(noun)", \(access(.registerAdapter)),
                    "tags": ["models"], "summary": "Register an adapter (LoRA) of a version",
                    "description": "Requests choose it by its name: output = activation(input * kernel + lora_alpha / rank * \
            ((input * lora_kernel_a) * lora_kernel_b) + bias). The shapes say the rank. A safetensors file has tensors \
            LAYER.lora_kernel_a and LAYER.lora_kernel_b, or PEFT's LAYER.lora_A.weight and LAYER.lora_B.weight, which are \
            transposed. The same content again is the same adapter; other content under its name is refused (409).",
                    "parameters": [
                      {"name": "lora_alpha", "in": "query",
                       "description": "For layers that have none of their own; else it is the rank.",
                       "schema": {"type": "number"}},
                      {"$ref": "#/components/parameters/Timeout"}, {"$ref": "#/components/parameters/Priority"}],
                    "requestBody": {
                      "required": true,
                      "content": {
                        "application/json": {
                          "schema": {"$ref": "#/components/schemas/AdapterDocument"},
                          "example": {"layers": {"dense": {
                            "lora_kernel_a": [[0.5], [-0.25]], "lora_kernel_b": [[1, 2, 3]], "lora_alpha": 8}}}},
                        "application/octet-stream": {
                          "schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
                      }
                    },
                    "responses": {
                      "200": {"$ref": "#/components/responses/Adapter"},
                      "201": {"$ref": "#/components/responses/Adapter"},
                      \(errors(.registerAdapter, 404, 409, 411, 413, 415, 422, 504, 507))
                    }
                  },
                  "delete": {
                    "operationId": "remove\(noun)", \(access(.removeAdapter)),
                    "tags": ["models"], "summary": "Remove an adapter; requests that run with it finish",
                    "responses": {"204": {"description": "Removed"}, \(errors(.removeAdapter, 404))}
                  }
                }
            """
    }

    static var adapterSchemas: String {
        """
              "AdapterName": {
                "type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$", "description": "An adapter of the version"},
              "AdapterNames": {
                "type": "array", "items": {"$ref": "#/components/schemas/AdapterName"},
                "description": "The version's adapters"},
              "AdapterDocument": {
                "type": "object", "required": ["layers"], "additionalProperties": false,
                "properties": {
                  "layers": {
                    "type": "object", "minProperties": 1, "description": "By the names of Dense layers",
                    "additionalProperties": {
                      "type": "object", "required": ["lora_kernel_a", "lora_kernel_b"], "additionalProperties": false,
                      "properties": {
                        "lora_kernel_a": {"$ref": "#/components/schemas/Tensor"},
                        "lora_kernel_b": {"$ref": "#/components/schemas/Tensor"},
                        "lora_alpha": {"type": ["number", "null"]}}}}
                }
              },
              "Adapter": {
                "type": "object", "additionalProperties": false,
                "required": ["name", "model", "version", "parameters", "bytes", "memory_bytes", "sha256", "layers"],
                "properties": {
                  "name": {"$ref": "#/components/schemas/AdapterName"}, "model": {"type": "string"},
                  "version": {"type": "integer", "minimum": 1},
                  "parameters": {"type": "integer", "minimum": 0}, "bytes": {"type": "integer", "minimum": 0},
                  "memory_bytes": {"type": "integer", "minimum": 0, "description": "What max_model_bytes bounds"},
                  "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "layers": {"type": "object", "additionalProperties": {
                    "type": "object", "required": ["lora_rank", "lora_alpha"], "additionalProperties": false,
                    "properties": {
                      "lora_rank": {"type": "integer", "minimum": 1}, "lora_alpha": {"type": "number"}}}}
                }
              },
              "Adapters": {
                "type": "object", "required": ["name", "version", "adapters"], "additionalProperties": false,
                "properties": {
                  "name": {"type": "string"}, "version": {"type": "integer", "minimum": 1},
                  "adapters": {"type": "array", "items": {"$ref": "#/components/schemas/Adapter"}}
                }
              }
        """
    }
}
