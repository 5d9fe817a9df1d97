extension OpenAPIDocument {
    /// What is told of models that are being loaded.
    static var loadSchemas: String {
        """
              "Loads": {
                "type": "array",
                "description": "What is being loaded into the model, and what could not be: of a file of the folder of \
        models, of a stored version, or of an upload that nobody waits for",
                "items": {
                  "type": "object", "required": ["state", "progress"], "additionalProperties": false,
                  "properties": {
                    "file": {"type": "string", "description": "Its path; manifest is that of all stored versions"},
                    "version": {"type": "integer", "minimum": 1},
                    "upload": {"type": "string", "description": "The request's X-Request-Id"},
                    "state": {"type": "string", "enum": ["loading", "failed"]},
                    "progress": {"type": "number", "minimum": 0, "maximum": 1,
                                 "description": "Reading is up to 0.4, building the layers up to 0.9"},
                    "error": {"type": "string", "description": "Why it failed, as a sentence"}
                  }
                }
              },
              "Acceptance": {
                "type": "object", "required": ["name", "upload", "state"], "additionalProperties": false,
                "properties": {
                  "name": {"type": "string"},
                  "upload": {"type": "string", "description": "What loading in the model's status calls it"},
                  "state": {"type": "string", "const": "loading"}
                }
              }
        """
    }
}
