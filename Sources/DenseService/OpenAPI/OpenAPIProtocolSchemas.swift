extension OpenAPIDocument {
    /// The bodies of other servers' protocols. What clients may add to them is ignored, so no object is closed.
    static var protocolSchemas: String {
        let datatypes = V2Datatype.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        return """
                  "V2Any": {"type": "object"},
                  "Failure": {
                    "type": "object", "required": ["error"],
                    "properties": {"error": {"type": "string", "description": "What is wrong, as a sentence"}}
                  },
                  "ModelNames": {
                    "type": "object", "required": ["models"],
                    "properties": {"models": {"type": "array", "items": {"type": "string"}}}
                  },
                  "V2Server": {
                    "type": "object", "required": ["name", "version", "extensions"],
                    "properties": {
                      "name": {"type": "string"}, "version": {"type": "string"},
                      "extensions": {"type": "array", "items": {"type": "string"}}}
                  },
                  "V2Health": {
                    "type": "object",
                    "properties": {"live": {"type": "boolean"}, "ready": {"type": "boolean"}, "name": {"type": "string"}}
                  },
                  "V2Tensor": {
                    "type": "object", "required": ["name", "datatype", "shape"],
                    "properties": {
                      "name": {"type": "string"}, "datatype": {"type": "string", "enum": [\(datatypes)]},
                      "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}}}
                  },
                  "V2Model": {
                    "type": "object", "required": ["name", "versions", "platform", "inputs", "outputs"],
                    "properties": {
                      "name": {"type": "string"}, "versions": {"type": "array", "items": {"type": "string"}},
                      "platform": {"type": "string"},
                      "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/V2Tensor"}},
                      "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/V2Tensor"}}}
                  },
                  "V2Parameters": {
                    "type": "object",
                    "description": "priority (1 is the highest), timeout (microseconds), binary_data_output and adapter mean something",
                    "properties": {
                      "priority": {"type": "integer", "minimum": 0}, "timeout": {"type": "integer", "minimum": 0},
                      "binary_data_output": {"type": "boolean"}, "adapter": {"type": "string"}}
                  },
                  "V2InferRequest": {
                    "type": "object", "required": ["inputs"],
                    "properties": {
                      "id": {"type": "string"}, "parameters": {"$ref": "#/components/schemas/V2Parameters"},
                      "inputs": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
                        "type": "object", "required": ["name", "datatype", "shape"],
                        "properties": {
                          "name": {"type": "string"},
                          "datatype": {"type": "string", "enum": [\(datatypes)]},
                          "shape": {"$ref": "#/components/schemas/Shape"},
                          "parameters": {"type": "object", "properties": {
                            "binary_data_size": {"type": "integer", "minimum": 0}}},
                          "data": {"type": "array", "description": "Flat, or nested as the shape says"}}}},
                      "outputs": {"type": "array", "items": {
                        "type": "object", "required": ["name"],
                        "properties": {
                          "name": {"type": "string"},
                          "parameters": {"type": "object", "properties": {
                            "binary_data": {"type": "boolean"},
                            "classification": {"type": "integer", "minimum": 0}}}}}}}
                  },
                  "V2InferResponse": {
                    "type": "object", "required": ["model_name", "model_version", "outputs"],
                    "properties": {
                      "id": {"type": "string"}, "model_name": {"type": "string"}, "model_version": {"type": "string"},
                      "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/V2Tensor"}}}
                  },
                  "V2Statistics": {
                    "type": "object", "required": ["model_stats"],
                    "properties": {"model_stats": {"type": "array", "items": {"type": "object"}}}
                  },
                  "V2Index": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
                  "V2IndexList": {
                    "type": "array", "items": {
                      "type": "object", "required": ["name", "version", "state"],
                      "properties": {
                        "name": {"type": "string"}, "version": {"type": "string"}, "state": {"type": "string"}}}
                  },
                  "V2Load": {
                    "type": "object",
                    "properties": {"parameters": {
                      "type": "object",
                      "description": "config: Triton's configuration as JSON text, of which the batching counts; file:PATH: \
            a model file in base64, and perhaps a JSON file with its configuration",
                      "additionalProperties": {"type": ["string", "boolean", "integer", "number"]}}}
                  },
                  "V2Logging": {
                    "type": "object",
                    "required": ["log_file", "log_info", "log_warning", "log_error", "log_verbose_level", "log_format"],
                    "properties": {
                      "log_file": {"type": "string"}, "log_info": {"type": "boolean"}, "log_warning": {"type": "boolean"},
                      "log_error": {"type": "boolean"}, "log_verbose_level": {"type": "integer", "minimum": 0},
                      "log_format": {"type": "string"}}
                  },
                  "V2LoggingChange": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                      "log_info": {"type": "boolean"}, "log_warning": {"type": "boolean"},
                      "log_error": {"type": "boolean"}, "log_verbose_level": {"type": "integer", "minimum": 0}}
                  },
                  "V2Regions": {"type": "array", "items": {"type": "object"}},
                  "V1Status": {
                    "type": "object", "required": ["model_version_status"],
                    "properties": {"model_version_status": {"type": "array", "items": {
                      "type": "object", "required": ["version", "state", "status"],
                      "properties": {
                        "version": {"type": "string"}, "state": {"type": "string"}, "status": {"type": "object"}}}}}
                  },
                  "V1Predict": {
                    "type": "object",
                    "description": "instances: one value a row, bare or as an object with the input's name; or inputs: one \
            tensor, bare or as an object with its name",
                    "properties": {
                      "signature_name": {"type": "string"}, "adapter": {"type": "string"}, "instances": {"type": "array", "minItems": 1}, "inputs": {}},
                    "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}]
                  },
                  "V1Prediction": {
                    "type": "object",
                    "properties": {"predictions": {"type": "array"}, "outputs": {}}
                  },
                  "V1Examples": {
                    "type": "object", "required": ["examples"],
                    "properties": {
                      "signature_name": {"type": "string"}, "adapter": {"type": "string"}, "context": {"type": "object"},
                      "examples": {"type": "array", "minItems": 1, "items": {"type": "object"}}}
                  },
                  "V1Results": {
                    "type": "object", "required": ["results"], "properties": {"results": {"type": "array"}}
                  },
                  "Invocation": {
                    "anyOf": [
                      {"$ref": "#/components/schemas/V1Predict"}, {"$ref": "#/components/schemas/V2InferRequest"}]
                  }
            """
    }
}
