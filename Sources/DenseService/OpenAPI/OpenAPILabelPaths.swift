extension OpenAPIDocument {
    /// `/models/{name}/labels` and what is below it.
    static var labels: String {
        """
            "/models/{name}/labels": {
              "parameters": [{"$ref": "#/components/parameters/Name"}],
              "get": {
                "operationId": "listLabels", \(access(.listLabels)),
                "tags": ["models"], "summary": "A model's labels",
                "responses": {
                  "200": {
                    "description": "The version each label leads to",
                    "content": {"application/json": {"schema": {
                      "type": "object", "required": ["labels"], "additionalProperties": false,
                      "properties": {"labels": {"$ref": "#/components/schemas/Labels"}}}}}
                  },
                  \(errors(.listLabels, 404))
                }
              }
            },
            "/models/{name}/labels/{label}": {
              "parameters": [
                {"$ref": "#/components/parameters/Name"}, {"$ref": "#/components/parameters/Label"}],
              "put": {
                "operationId": "setLabel", \(access(.setLabel)),
                "tags": ["models"], "summary": "Let a label lead to a version",
                "description": "A request sees the label at the one version or at the other, and never without one. A \
        version cannot be removed while labels lead to it.",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {
                    "type": "object", "required": ["version"], "additionalProperties": false,
                    "properties": {"version": {"type": "integer", "minimum": 1}}}}}
                },
                "responses": {
                  "200": {"description": "Moved", "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/LabelledVersion"}}}},
                  "201": {"description": "New", "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/LabelledVersion"}}}},
                  \(errors(.setLabel, 404, 409, 411, 413, 415))
                }
              },
              "delete": {
                "operationId": "removeLabel", \(access(.removeLabel)),
                "tags": ["models"], "summary": "Remove a label; the version stays",
                "responses": {"204": {"description": "Removed"}, \(errors(.removeLabel, 404))}
              }
            }
        """
    }

    /// What setting a label answers with.
    static var labelSchemas: String {
        """
              "LabelledVersion": {
                "type": "object", "required": ["name", "label", "version"], "additionalProperties": false,
                "properties": {
                  "name": {"type": "string"}, "label": {"$ref": "#/components/schemas/Label"},
                  "version": {"type": "integer", "minimum": 1}
                }
              }
        """
    }
}
