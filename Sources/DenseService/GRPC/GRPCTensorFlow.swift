internal import DenseEngine
internal import GRPCMessages
internal import GRPCWire
internal import HTTPServer
internal import ModelStore
internal import ProtobufWire
internal import SwiftProtobuf
internal import TensorCoding

/// What `tensorflow.serving` tells of models: the same as `/v1` does.
enum GRPCTensorFlow {
    /// The model that a request names.
    static func model(_ spec: Tensorflow_Serving_ModelSpec) throws(APIError) -> V1Model {
        switch spec.versionChoice {
        case .version(let version): try model(name: spec.name, version: Int(version.value), label: nil)
        case .versionLabel(let label): try model(name: spec.name, version: nil, label: label)
        case nil: try model(name: spec.name, version: nil, label: nil)
        }
    }

    static func model(name: String, version: Int?, label: String?) throws(APIError) -> V1Model {
        guard !name.isEmpty else {
            throw APIError(400, "invalid_argument", "Missing model name in the request's model_spec.")
        }
        var path = PathParameters(name: name)
        path.version = version.map { String($0) } ?? ""
        path.label = label ?? ""
        return try V1Model(path)
    }

    /// - Throws: for another signature than the one there is.
    static func requireSignature(_ name: String) throws(APIError) {
        guard name.isEmpty || name == V1RequestReader.signature else {
            throw APIError(V1Error.unknownSignature(name))
        }
    }

    static func status(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Tensorflow_Serving_GetModelStatusRequest.self, message)
        let versions = try model(request.modelSpec).versions(in: service.models)
        return Tensorflow_Serving_GetModelStatusResponse.with { response in
            response.modelVersionStatus = versions.map { model in
                .with { status in
                    status.version = Int64(model.version)
                    status.state = .available
                    status.status.errorCode = .ok
                }
            }
        }
    }

    static func metadata(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Tensorflow_Serving_GetModelMetadataRequest.self, message)
        guard request.metadataField == ["signature_def"] else {
            throw APIError(
                400, "invalid_argument",
                "Metadata field \(request.metadataField.joined(separator: ", ").prefix(100)) is not supported. Expected "
                    + "signature_def alone.")
        }
        let model = try model(request.modelSpec).lookup(in: service.models)
        let signature = ModelSignature(model)
        let definition = Tensorflow_SignatureDef.with { definition in
            definition.inputs[signature.input] = tensor(signature.input, signature.inputShape, signature.inputType)
            definition.outputs[signature.output] = tensor(signature.output, signature.outputShape, signature.outputType)
            definition.methodName = "tensorflow/serving/predict"
        }
        let map = Tensorflow_Serving_SignatureDefMap.with { $0.signatureDef[V1RequestReader.signature] = definition }
        guard let packed = try? Google_Protobuf_Any(message: map) else {
            throw APIError(500, "internal_error", "The answer could not be made.")
        }
        return Tensorflow_Serving_GetModelMetadataResponse.with { response in
            response.modelSpec.name = model.name
            response.modelSpec.version = .with { $0.value = Int64(model.version) }
            response.metadata["signature_def"] = packed
        }
    }

    private static func tensor(_ name: String, _ shape: [Int?], _ type: DType) -> Tensorflow_TensorInfo {
        .with { info in
            info.name = name
            info.dtype = Tensorflow_DataType(rawValue: type.tensorFlowNumber) ?? .dtFloat
            info.tensorShape.dim = shape.map { size in .with { $0.size = Int64(size ?? -1) } }
        }
    }
}

/// Tensors of `tensorflow.TensorProto`.
enum TensorFlowTensor {
    /// The most elements that one value may stand for in a message that is shorter than that.
    private static let maximumFill = 1 << 16

    /// The elements, in `tensor_content` or in the field of their type, of which a single one fills the shape.
    ///
    /// - Throws: for what is no tensor of numbers, and for what float32 cannot hold.
    static func decode(
        _ tensor: PredictRequestMessage.Tensor, _ bytes: UnsafeRawBufferPointer, in body: HTTPBody,
        _ signature: ModelSignature
    ) throws(APIError) -> Tensor {
        guard let (element, field, encoding) = type(tensor.dtype) else {
            throw APIError(
                400, "invalid_argument",
                "Tensor '\(tensor.name.prefix(100))' has a type that is no number. Expected DT_FLOAT or another number, "
                    + "received DataType \(tensor.dtype).")
        }
        guard !tensor.hasUnknownRank, tensor.shape.count <= 32, let shape = try? Shape(tensor.shape) else {
            throw APIError(V2Error.invalidShape(tensor.shape, input: tensor.name))
        }
        if let content = tensor.content, !content.isEmpty {
            return try api { () throws(V2Error) in
                try unsafe signature.tensor(
                    UnsafeRawBufferPointer(rebasing: bytes[content]), of: body, element, shape)
            }
        }
        let numbers = unsafe ProtobufNumbers(bytes, tensor.pieces, field: field, encoding)
        if shape.count != 1, try protobuf({ () throws(ProtobufError) in try numbers.count() }) == 1 {
            let one = try api { () throws(EngineError) in try Shape([1]) }
            let value = try GRPCNumbers.tensor(
                numbers, element, one, input: tensor.name, asDoubles: signature.takesDoubles)
            guard shape.isProportionate, shape.count <= max(bytes.count, maximumFill) else {
                throw APIError(V2Error.invalidShape(tensor.shape, input: tensor.name))
            }
            return try api { () throws(EngineError) in
                if let double = value.doubles?.first {
                    return try Tensor(shape: shape, doubles: [Double](repeating: double, count: shape.count))
                }
                return try Tensor(
                    shape: shape, elements: [Float](repeating: value.elements[0], count: shape.count))
            }
        }
        return try GRPCNumbers.tensor(
            numbers, element, shape, input: tensor.name, asDoubles: signature.takesDoubles)
    }

    /// `tensorflow.DataType` to an element type, and the field that its values come in.
    private static func type(
        _ dtype: Int
    ) -> (element: ElementType, field: Int, encoding: ProtobufNumbers.Encoding)? {
        switch dtype {
        case 1: (.float32, 5, .fixed32)
        case 2: (.float64, 6, .fixed64)
        case 3: (.int32, 7, .varint)
        case 4: (.uint8, 7, .varint)
        case 5: (.int16, 7, .varint)
        case 6: (.int8, 7, .varint)
        case 9: (.int64, 10, .varint)
        case 10: (.bool, 11, .varint)
        case 14: (.bfloat16, 13, .varint)
        case 17: (.uint16, 7, .varint)
        case 19: (.float16, 13, .varint)
        case 22: (.uint32, 16, .varint)
        case 23: (.uint64, 17, .varint)
        default: nil
        }
    }
}
