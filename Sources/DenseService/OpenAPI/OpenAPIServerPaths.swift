extension OpenAPIDocument {
    /// The paths that say something about the server.
    static var server: String {
        """
            "/": {
              "get": {
                "operationId": "describe", \(access(.describe)),
                "tags": ["server"], "summary": "What this server is, with its paths",
                "responses": {
                  "200": {
                    "description": "Name, version and paths",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Description"}}}
                  },
                  \(errors(.describe))
                }
              }
            },
            "/health/live": {
              "get": {
                "operationId": "live", \(access(.live)),
                "tags": ["server"], "summary": "Whether the process runs",
                "responses": {
                  "200": {
                    "description": "It does",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  \(errors(.live))
                }
              }
            },
            "/health/ready": {
              "get": {
                "operationId": "ready", \(access(.ready)),
                "tags": ["server"],
                "summary": "Whether requests should be sent here",
                "description": "200 once the start-up models are loaded and until draining begins, then 503.",
                "responses": {
                  "200": {
                    "description": "Ready",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  \(errors(.ready))
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics", \(access(.metrics)),
                "tags": ["server"], "summary": "Metrics in Prometheus's text format",
                "responses": {
                  "200": {
                    "description": "Prometheus text format, version 0.0.4",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  },
                  \(errors(.metrics))
                }
              }
            },
            "/openapi.json": {
              "get": {
                "operationId": "openAPI", \(access(.openAPI)),
                "tags": ["server"], "summary": "This document",
                "responses": {
                  "200": {
                    "description": "OpenAPI 3.1",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                  },
                  \(errors(.openAPI))
                }
              }
            }
        """
    }
}
