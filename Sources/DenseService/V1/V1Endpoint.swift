internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// What TensorFlow Serving's REST API tells of models, with what KServe's V1 protocol has besides.
enum V1Endpoint {
    /// KServe's list; TensorFlow Serving has none.
    static func list(_ models: ModelRegistry) -> HTTPResponse { V2Endpoint.list(models) }

    /// The state of one version or all, newest first, and KServe's `ready`.
    static func status(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let versions = try V1Model(path).versions(in: models)
        return HTTPResponse(.ok) { writer in
            writer.name("model_version_status")
            writer.beginArray()
            for model in versions {
                writer.beginObject()
                writer.member("version", String(model.version))
                writer.member("state", "AVAILABLE")
                writer.name("status")
                writer.beginObject()
                writer.member("error_code", "OK")
                writer.member("error_message", "")
                writer.endObject()
                writer.endObject()
            }
            writer.endArray()
            writer.member("name", path.name)
            writer.member("ready", true)
        }
    }

    /// The one signature there is, `serving_default`.
    static func metadata(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try V1Model(path).lookup(in: models)
        let signature = ModelSignature(model)
        return HTTPResponse(.ok) { writer in
            writer.name("model_spec")
            writer.beginObject()
            writer.member("name", path.name)
            writer.member("signature_name", "")
            writer.member("version", String(model.version))
            writer.endObject()
            writer.name("metadata")
            writer.beginObject()
            // Twice, as its maps are written.
            writer.name("signature_def")
            writer.beginObject()
            writer.name("signature_def")
            writer.beginObject()
            writer.name(V1RequestReader.signature)
            writer.beginObject()
            write("inputs", signature.input, signature.inputShape, signature.inputType, to: &writer)
            write("outputs", signature.output, signature.outputShape, signature.outputType, to: &writer)
            writer.member("method_name", "tensorflow/serving/predict")
            for _ in 0..<4 { writer.endObject() }
        }
    }

    private static func write(
        _ member: String, _ name: String, _ shape: [Int?], _ type: DType, to writer: inout JSONWriter
    ) {
        writer.name(member)
        writer.beginObject()
        writer.name(name)
        writer.beginObject()
        writer.member("dtype", type.tensorFlowName)
        writer.name("tensor_shape")
        writer.beginObject()
        writer.name("dim")
        writer.beginArray()
        for size in shape {
            writer.beginObject()
            writer.member("size", String(size ?? -1))
            writer.member("name", "")
            writer.endObject()
        }
        writer.endArray()
        writer.member("unknown_rank", false)
        writer.endObject()
        writer.member("name", name)
        writer.endObject()
        writer.endObject()
    }
}

extension DType {
    /// As `tensorflow.DataType` calls it.
    var tensorFlowName: String {
        switch self {
        case .float32: "DT_FLOAT"
        case .float64: "DT_DOUBLE"
        case .float16: "DT_HALF"
        case .bfloat16: "DT_BFLOAT16"
        }
    }

    /// Its number there.
    var tensorFlowNumber: Int {
        switch self {
        case .float32: 1
        case .float64: 2
        case .bfloat16: 14
        case .float16: 19
        }
    }
}
