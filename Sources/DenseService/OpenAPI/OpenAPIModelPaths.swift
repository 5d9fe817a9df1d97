extension OpenAPIDocument {
    /// `/models` and what is below it.
    static var models: String {
        """
            "/models": {
              "get": {
                "operationId": "listModels", \(access(.listModels)),
                "tags": ["models"], "summary": "All models by name",
                "responses": {
                  "200": {
                    "description": "The models",
                    "content": {"application/json": {"schema": {
                      "type": "object", "required": ["models"], "additionalProperties": false,
                      "properties": {
                        "models": {"type": "array", "items": {"$ref": "#/components/schemas/ModelSummary"}}}}}}
                  },
                  \(errors(.listModels))
                }
              }
            },
            "/models/{name}": {
              "parameters": [{"$ref": "#/components/parameters/Name"}],
              "get": {
                "operationId": "readModel", \(access(.readModel)),
                "tags": ["models"],
                "summary": "One model: its versions, labels and loads, and the latest version with its layers",
                "description": "There is a model as soon as one is being loaded or could not be; until there is a version \
        the facts of the latest are missing.",
                "responses": {"200": {"$ref": "#/components/responses/Model"}, \(errors(.readModel, 404))}
              },
              "put": {
                "operationId": "registerModel", \(access(.registerModel)),
                "tags": ["models"], "summary": "Register a version",
                "description": "The body is JSON or a model file: .keras, HDF5 (a whole model), safetensors, NPZ, NPY or ONNX, \
        recognised by its first bytes. A form has the parts file, config (JSON) for a file that holds weights only, \
        activations and quantize. The same content again is the same version. Weights that are not given are made by the \
        initializers, whose seeds decide whether that is the same content. batching is no content: with the same content it \
        replaces that of the version.",
                "parameters": [
                  {"name": "activations", "in": "query",
                   "description": "One activation for each layer, for a file of arrays without a configuration.",
                   "schema": {"type": "string"}, "example": "relu,linear"},
                  {"name": "quantize", "in": "query",
                   "description": "How the weights are quantized: int8, int4, float8, or a Keras quantization config in JSON.",
                   "schema": {"type": "string"}, "example": "int8"},
                  {"name": "wait", "in": "query",
                   "description": "false answers 202 before the model is built and stored; its status tells the rest.",
                   "schema": {"type": "boolean", "default": true}},
                  {"$ref": "#/components/parameters/Timeout"}, {"$ref": "#/components/parameters/Priority"}],
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {"$ref": "#/components/schemas/ModelDocument"},
                      "example": {"layers": [{
                        "layer": {"units": 1, "activation": "tanh"},
                        "weights": {"kernel": [[0.5], [-0.25]], "bias": [0.1]}}]}
                    },
                    "application/octet-stream": {
                      "schema": {"type": "string", "contentMediaType": "application/octet-stream"}},
                    "application/zip": {"schema": {"type": "string", "contentMediaType": "application/zip"}},
                    "application/x-hdf5": {"schema": {"type": "string", "contentMediaType": "application/x-hdf5"}},
                    "application/x-npy": {"schema": {"type": "string", "contentMediaType": "application/x-npy"}},
                    "multipart/form-data": {"schema": {
                      "type": "object", "required": ["file"], "additionalProperties": false,
                      "properties": {
                        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "config": {"type": "string", "contentMediaType": "application/json"},
                        "activations": {"type": "string"},
                        "quantize": {"type": "string"}}}}
                  }
                },
                "responses": {
                  "200": {"$ref": "#/components/responses/Version"},
                  "201": {"$ref": "#/components/responses/Version"},
                  "202": {
                    "description": "Accepted, with wait=false",
                    "headers": {"Location": {"$ref": "#/components/headers/Location"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Acceptance"}}}
                  },
                  \(errors(.registerModel, 411, 413, 415, 422, 504, 507))
                }
              },
              "patch": {
                "operationId": "changeModel", \(access(.changeModel)),
                "tags": ["models"], "summary": "Change what can be changed",
                "description": "trainable of every layer and batching, of all versions; both or either.",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": {
                      "trainable": {"type": "boolean"},
                      "batching": {"$ref": "#/components/schemas/Batching"}}}}}
                },
                "responses": {
                  "200": {"$ref": "#/components/responses/Model"},
                  \(errors(.changeModel, 404, 409, 411, 413, 415))
                }
              },
              "delete": {
                "operationId": "removeModel", \(access(.removeModel)),
                "tags": ["models"], "summary": "Remove a model with all its versions and labels",
                "description": "Requests that run on it finish.",
                "responses": {"204": {"description": "Removed"}, \(errors(.removeModel, 404))}
              }
            },
            "/models/{name}/versions/{version}": {
              "parameters": [
                {"$ref": "#/components/parameters/Name"}, {"$ref": "#/components/parameters/Version"}],
              "get": {
                "operationId": "readVersion", \(access(.readVersion)),
                "tags": ["models"], "summary": "One version with its layers",
                "responses": {"200": {"$ref": "#/components/responses/Version"}, \(errors(.readVersion, 404))}
              },
              "delete": {
                "operationId": "removeVersion", \(access(.removeVersion)),
                "tags": ["models"], "summary": "Remove a version",
                "description": "409 while labels lead to it.",
                "responses": {"204": {"description": "Removed"}, \(errors(.removeVersion, 404, 409))}
              }
            },
            "/models/{name}/versions/{version}/file": {
              "parameters": [
                {"$ref": "#/components/parameters/Name"}, {"$ref": "#/components/parameters/Version"}],
              "get": {
                "operationId": "downloadVersion", \(access(.downloadVersion)),
                "tags": ["models"], "summary": "The weights as a file",
                "parameters": [
                  {"name": "format", "in": "query",
                   "description": "safetensors, npz: weights named LAYER.WEIGHT. keras: what keras.saving.load_model reads. \
        json: the document that registers the model again. Each can be registered again.",
                   "schema": {
                     "type": "string", "enum": ["safetensors", "npz", "keras", "json"], "default": "safetensors"}},
                  {"name": "adapter", "in": "query", "description": "An adapter to merge into the weights, as Keras does.",
                   "schema": {"$ref": "#/components/schemas/AdapterName"}},
                  {"$ref": "#/components/parameters/Timeout"}, {"$ref": "#/components/parameters/Priority"}
                ],
                "responses": {
                  "200": {
                    "description": "The file",
                    "content": {
                      "application/octet-stream": {
                        "schema": {"type": "string", "contentMediaType": "application/octet-stream"}},
                      "application/zip": {"schema": {"type": "string", "contentMediaType": "application/zip"}},
                      "application/json": {"schema": {"$ref": "#/components/schemas/ModelDocument"}}
                    }
                  },
                  \(errors(.downloadVersion, 404, 422, 504))
                }
              }
            }
        """
    }
}
