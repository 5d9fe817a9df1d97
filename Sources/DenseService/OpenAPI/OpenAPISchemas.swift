internal import DenseEngine
internal import ModelStore

extension OpenAPIDocument {
    /// The bodies.
    static var schemas: String {
        """
              "Error": {
                "type": "object", "required": ["error", "code"], "additionalProperties": false,
                "properties": {
                  "error": {"type": "string", "description": "What is wrong, as a sentence"},
                  "code": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "A stable name for programs"},
                  "pointer": {"type": "string", "description": "JSON pointer into the request, or to an output's element"},
                  "expected": {"description": "What would have been right"},
                  "received": {"description": "What came"},
                  "offset": {"type": "integer", "minimum": 0, "description": "Bytes of the body before the place"}
                }
              },
              "Health": {
                "type": "object", "required": ["status"], "additionalProperties": false,
                "properties": {"status": {"type": "string", "enum": ["live", "ready"]}}
              },
              "Description": {
                "type": "object", "required": ["name", "version", "status", "description", "links"],
                "additionalProperties": false,
                "properties": {
                  "name": {"type": "string"}, "version": {"type": "string"}, "status": {"const": "alive"},
                  "description": {"type": "string"},
                  "links": {"type": "object", "description": "Methods by path",
                            "additionalProperties": {"type": "string"}}
                }
              },
              "DType": {"type": "string", "enum": ["float32", "float64", "float16", "bfloat16"]},
              "TensorForm": {"type": "string", "enum": ["nested", "flat", "base64"], "default": "nested"},
              "NonFinite": {
                "type": "string", "enum": ["error", "token", "null", "string"], "default": "error",
                "description": "What becomes of NaN and infinities in the answer"},
              "Shape": {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 32},
              "PartialShape": {
                "type": ["array", "null"], "items": {"type": ["integer", "null"]},
                "description": "Batch axis first; null for a size that may be any"},
              "Tensor": {
                "description": "Nested arrays of numbers, a shape with the numbers in row-major order, or a shape with \
        their octets (little-endian, row-major) in base64",
                "anyOf": [
                  {"$ref": "#/components/schemas/NestedTensor"},
                  {"type": "object", "required": ["shape", "data"], "additionalProperties": false,
                   "properties": {
                     "shape": {"$ref": "#/components/schemas/Shape"},
                     "data": {"type": "array", "items": {"$ref": "#/components/schemas/Element"}}}},
                  {"type": "object", "required": ["shape", "b64"], "additionalProperties": false,
                   "properties": {
                     "shape": {"$ref": "#/components/schemas/Shape"},
                     "dtype": {"$ref": "#/components/schemas/DType"},
                     "b64": {"type": "string", "contentEncoding": "base64"}}}
                ]
              },
              "NestedTensor": {
                "anyOf": [
                  {"$ref": "#/components/schemas/Element"},
                  {"type": "array", "items": {"$ref": "#/components/schemas/NestedTensor"}}
                ]
              },
              "Element": {
                "type": ["number", "null", "string"],
                "description": "A number; in answers null or a string for what is not finite, if non_finite says so"},
              "LayerConfig": {
                "type": ["object", "array", "string"],
                "description": "A Keras configuration: a layer's get_config(), what keras.layers.serialize gives, or a \
        serialized Sequential"},
              "Weights": {
                "type": "object", "additionalProperties": {"$ref": "#/components/schemas/Tensor"},
                "description": "Tensors by Keras's names: kernel and bias; mean and variance; \
                   gamma, beta, moving_mean and moving_variance; scale; alpha"},
              "Layers": {
                "anyOf": [
                  {"type": "array", "minItems": 1, "items": {"anyOf": [
                    {"type": "object", "required": ["layer"], "additionalProperties": false,
                     "properties": {
                       "layer": {"$ref": "#/components/schemas/LayerConfig"},
                       "weights": {"anyOf": [{"$ref": "#/components/schemas/Weights"}, {"type": "null"}]}}},
                    {"$ref": "#/components/schemas/LayerConfig"}]}},
                  {"type": "object", "description": "A serialized Sequential"}
                ]
              },
              "WeightsMember": {
                "description": "Of the one layer, or a list with one element for each layer, null for none",
                "anyOf": [
                  {"$ref": "#/components/schemas/Weights"},
                  {"type": "array", "items": {"anyOf": [
                    {"$ref": "#/components/schemas/Weights"}, {"type": "null"}]}}
                ]
              },
              "ModelDocument": {
                "type": "object",
                "description": "layers, or layer, with their weights; or a Keras configuration by itself",
                "properties": {
                  "layers": {"$ref": "#/components/schemas/Layers"},
                  "layer": {"$ref": "#/components/schemas/LayerConfig"},
                  "weights": {"$ref": "#/components/schemas/WeightsMember"},
                  "apply_constraints": {"$ref": "#/components/schemas/ApplyConstraints"},
                  "quantize": {
                    "description": "How the weights are quantized when the model is registered, as Keras's model.quantize does",
                    "oneOf": [
                      {"type": "string", "enum": ["int8", "int4", "float8"]},
                      {"type": "object", "description": "A quantization config as Keras serialises it"},
                      {"type": "null"}]},
                  "batching": {"$ref": "#/components/schemas/Batching"}
                }
              },
              \(batching),
              "Priority": {
                "type": "integer", "minimum": 0, "maximum": 9, "default": 5,
                "description": "Higher ones are computed first where requests wait. A level is worth a tenth of a second of \
        waiting, so that no priority waits for ever. Found before the body is decoded where parameters comes before input \
        and everything else that is nested, within the body's first 1024 bytes; else use X-Request-Priority"},
              "ApplyConstraints": {
                "type": "boolean", "default": false,
                "description": "Projects the weights by the layers' constraints first, as Keras does after an update"},
              "ModelReference": {
                "type": "string", "pattern": "^([A-Za-z0-9._-]{1,128}|sha256:[0-9a-fA-F]{64})$",
                "description": "A model's name, or its content's id"},
        \(labelSchemas),
        \(adapterSchemas),
        \(loadSchemas),
              "Label": {
                "type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$", "description": "A name for a version that can move"},
              "Labels": {
                "type": "object", "additionalProperties": {"type": "integer", "minimum": 1},
                "description": "The version each label leads to"},
              "DenseRequest": {
                "type": "object", "required": ["input"], "additionalProperties": false,
                "oneOf": [{"required": ["layer"]}, {"required": ["layers"]}, {"required": ["model"]}],
                "dependentSchemas": {
                  "weights": {"anyOf": [{"required": ["layer"]}, {"required": ["layers"]}]},
                  "apply_constraints": {"anyOf": [{"required": ["layer"]}, {"required": ["layers"]}]},
                  "version": {"required": ["model"], "not": {"required": ["label"]}},
                  "label": {"required": ["model"]},
                  "adapter": {"required": ["model"]}
                },
                "properties": {
                  "input": {"$ref": "#/components/schemas/Tensor"},
                  "layer": {"$ref": "#/components/schemas/LayerConfig"},
                  "layers": {"$ref": "#/components/schemas/Layers"},
                  "weights": {"$ref": "#/components/schemas/WeightsMember"},
                  "apply_constraints": {"$ref": "#/components/schemas/ApplyConstraints"},
                  "model": {"$ref": "#/components/schemas/ModelReference"},
                  "version": {"type": "integer", "minimum": 1, "description": "The latest, when it is not given"},
                  "label": {"$ref": "#/components/schemas/Label"},
                  "adapter": {"$ref": "#/components/schemas/AdapterName"},
                  "parameters": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                      "format": {"$ref": "#/components/schemas/TensorForm"},
                      "non_finite": {"$ref": "#/components/schemas/NonFinite"},
                      "return_logits": {
                        "type": "boolean", "default": false,
                        "description": "Adds logits, the value before the last activation"},
                      "return_losses": {
                        "type": "boolean", "default": false,
                        "description": "Adds losses, the regularization penalties as layer.losses lists them"},
                      "priority": {"$ref": "#/components/schemas/Priority"}
                    }
                  }
                }
              },
              "DenseResponse": {
                "type": "object", "required": ["output", "shape", "dtype"], "additionalProperties": false,
                "properties": {
                  "output": {"$ref": "#/components/schemas/Tensor"},
                  "shape": {"$ref": "#/components/schemas/Shape"},
                  "dtype": {"$ref": "#/components/schemas/DType"},
                  "logits": {"$ref": "#/components/schemas/Tensor"},
                  "losses": {"type": "array", "items": {"$ref": "#/components/schemas/Element"}},
                  "warnings": {"type": "array", "items": {"type": "string"}, "description": "What Keras warns about"},
                  "version": {"type": "integer", "minimum": 1, "description": "Of the model that computed it"}
                }
              },
        \(modelSchemas)
        """
    }

    /// The limits of a model's own, with the ranges that are checked.
    private static var batching: String {
        let meanings = [
            "max_batch_rows": "Rows of waiting requests that are computed as one; 1 computes each by itself",
            "max_queue_delay_us": "Microseconds that a batch waits for more requests",
            "max_queue_requests": "Requests of this model waiting or running (503)",
            "max_queue_bytes": "Bytes of those requests' bodies (503)",
        ]
        let members = BatchOptions.members.map { name, range in
            """
            "\(name)": {"type": ["integer", "null"], "minimum": \(range.lowerBound), "maximum": \(range.upperBound),
                      "description": "\(meanings[name] ?? "")"}
            """
        }
        return """
            "Batching": {
                    "type": "object", "additionalProperties": false,
                    "description": "What the model has of its own among the server's limits",
                    "properties": {
                      \(members.joined(separator: ",\n              "))
                    }
                  }
            """
    }

    private static let modelFacts = """
        "version": {"type": "integer", "minimum": 1},
                  "parameters": {"type": "integer", "minimum": 0, "description": "Elements of all weights"},
                  "bytes": {"type": "integer", "minimum": 0, "description": "The weights as float32"},
                  "memory_bytes": {
                    "type": "integer", "minimum": 0,
                    "description": "What max_model_bytes bounds: the weights and their packed copy"},
                  "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$",
                             "description": "Over configuration and weights; addresses the model as sha256:…"},
                  "input_shape": {"$ref": "#/components/schemas/PartialShape"},
                  "output_shape": {"$ref": "#/components/schemas/PartialShape"},
                  "batching": {"$ref": "#/components/schemas/Batching"},
                  "adapters": {"$ref": "#/components/schemas/AdapterNames"}
        """

    private static let requiredFacts =
        "\"version\", \"parameters\", \"bytes\", \"memory_bytes\", \"sha256\", \"input_shape\", \"output_shape\", "
        + "\"batching\", \"adapters\""

    private static var modelSchemas: String {
        let versions = "\"versions\": {\"type\": \"array\", \"items\": {\"type\": \"integer\", \"minimum\": 1}}"
        let labels = "\"labels\": {\"$ref\": \"#/components/schemas/Labels\"}"
        let layers =
            "\"layers\": {\"type\": \"array\", \"items\": {\"type\": \"object\", "
            + "\"description\": \"As keras.layers.serialize gives it\"}}"
        let loading = "\"loading\": {\"$ref\": \"#/components/schemas/Loads\"}"
        let forms = [
            ("ModelSummary", [versions, labels, loading], "\"versions\", \"labels\", \"loading\", " + requiredFacts),
            ("Model", [versions, labels, loading, layers], "\"versions\", \"labels\", \"loading\""),
            ("Version", [layers], "\"layers\", " + requiredFacts),
        ]
        return forms.map { name, properties, required in
            """
                  "\(name)": {
                    "type": "object", "additionalProperties": false,
                    "required": ["name", \(required)],
                    "properties": {
                      "name": {"type": "string"},
                      \(properties.joined(separator: ", ")),
                      \(modelFacts)
                    }
                  }
            """
        }.joined(separator: ",\n")
    }
}
