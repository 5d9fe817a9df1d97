extension OpenAPIDocument {
    /// `/dense`.
    static var dense: String {
        """
            "/dense": {
              "post": {
                "operationId": "dense", \(access(.dense)),
                "tags": ["dense"],
                "summary": "Run a tensor through a layer, a list of layers or a registered model",
                "description": "In JSON the body says everything. A NumPy file or raw octets (little-endian, row-major) \
        carry the input alone; the query then names the model and may hold the parameters. Accept chooses the answer's \
        form; without it, or with */*, the answer has the form of the body. A body without a Content-Type, or with \
        application/x-www-form-urlencoded, is read as JSON.",
                "parameters": [
                  {"$ref": "#/components/parameters/Timeout"},
                  {"$ref": "#/components/parameters/Priority"},
                  {"name": "X-Tensor-Shape", "in": "header", "description": "The shape of raw octets, like 32,128,256",
                   "schema": {"type": "string", "pattern": "^[0-9]+(, *[0-9]+)*$"}},
                  {"name": "X-Tensor-Dtype", "in": "header", "description": "The element type of raw octets",
                   "schema": {"$ref": "#/components/schemas/DType"}},
                  {"name": "model", "in": "query", "description": "The model, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/ModelReference"}},
                  {"name": "version", "in": "query", "description": "Its version, for bodies that are not JSON",
                   "schema": {"type": "integer", "minimum": 1}},
                  {"name": "label", "in": "query",
                   "description": "A label instead of the version, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/Label"}},
                  {"name": "adapter", "in": "query",
                   "description": "An adapter of the version, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/AdapterName"}},
                  {"name": "format", "in": "query", "description": "As in parameters, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/TensorForm"}},
                  {"name": "non_finite", "in": "query", "description": "As in parameters, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/NonFinite"}},
                  {"name": "return_logits", "in": "query",
                   "description": "As in parameters, for bodies that are not JSON", "schema": {"type": "boolean"}},
                  {"name": "return_losses", "in": "query",
                   "description": "As in parameters, for bodies that are not JSON", "schema": {"type": "boolean"}},
                  {"name": "priority", "in": "query", "description": "As in parameters, for bodies that are not JSON",
                   "schema": {"$ref": "#/components/schemas/Priority"}}
                ],
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {"$ref": "#/components/schemas/DenseRequest"},
                      "examples": {
                        "layer": {"value": {
                          "input": [[[0.1, 0.2], [0.3, 0.4]]],
                          "layer": {"units": 3, "activation": "relu"},
                          "weights": {"kernel": [[1, 2, 3], [4, 5, 6]], "bias": [0, 0, 0]}}},
                        "model": {"value": {"input": [[1, 2]], "model": "scores", "version": 3}}
                      }
                    },
                    "application/x-npy": {"schema": {"type": "string", "contentMediaType": "application/x-npy"}},
                    "application/octet-stream": {
                      "schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
                  }
                },
                "responses": {
                  "200": {
                    "description": "The output",
                    "headers": {
                      "X-Tensor-Shape": {"$ref": "#/components/headers/TensorShape"},
                      "X-Tensor-Dtype": {"$ref": "#/components/headers/TensorDType"},
                      "X-Model-Version": {"$ref": "#/components/headers/ModelVersion"},
                      "Server-Timing": {"$ref": "#/components/headers/ServerTiming"},
                      "Dense-Batch": {"$ref": "#/components/headers/DenseBatch"}
                    },
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/DenseResponse"}},
                      "application/x-npy": {"schema": {"type": "string", "contentMediaType": "application/x-npy"}},
                      "application/octet-stream": {
                        "schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
                    }
                  },
                  \(errors(.dense, 404, 405, 406, 411, 413, 415, 422, 504))
                }
              }
            }
        """
    }
}
