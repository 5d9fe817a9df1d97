internal import DenseEngine
internal import GRPCWire
internal import HTTPServer
internal import ModelStore
internal import ProtobufWire
internal import TensorCoding

/// A `tensorflow.serving.PredictRequest`.
final class GRPCPredictJob: InferenceJob {
    let service: Service
    let timing: Timing
    let hints: RequestHints
    private let call: GRPCCall
    private var message: GRPCMessage { call.message }

    init(_ call: GRPCCall) {
        service = call.service
        timing = call.timing
        self.call = call
        guard !call.message.isCompressed else {
            hints = RequestHints(model: "")
            return
        }
        let model = unsafe call.message.withBytes { unsafe PredictRequestMessage(beginningOf: $0).model }
        hints = RequestHints(model: model.name, version: model.version)
    }

    var bodyBytes: Int { message.waitingBytes }
    var decodingBytes: Int { Service.bytes(message.count, times: 4) }

    func prepare() throws(APIError) -> PreparedInference<String> {
        let started = Instant.now
        try timing.requireInTime()
        let message = try message.plain(limit: service.configuration.maximumBodyBytes)
        return try unsafe message.withBytes { bytes throws(APIError) in
            let request = try protobuf { () throws(ProtobufError) in unsafe try PredictRequestMessage(bytes) }
            try GRPCTensorFlow.requireSignature(request.model.signature)
            let model = try GRPCTensorFlow.model(
                name: request.model.name, version: request.model.version, label: request.model.label
            ).lookup(in: service.models)
            let signature = ModelSignature(model)
            try Self.require(request, signature)
            let input = unsafe try TensorFlowTensor.decode(
                request.inputs[0], bytes, in: message.body, signature)
            return try ready(model, input, request.model.signature, decodedSince: started) { shape in
                Service.bytes(shape.count, times: signature.outputType.size)
            }
        }
    }

    /// - Throws: unless the one input is there, and no other output is asked for.
    private static func require(
        _ request: PredictRequestMessage, _ signature: ModelSignature
    ) throws(APIError) {
        let names = request.inputs.map(\.name)
        guard names == [signature.input] else {
            throw APIError(
                400, "invalid_argument",
                "input size does not match signature: \(names.count)!=1. Expected [\(signature.input)], received "
                    + "[\(names.joined(separator: ", ").prefix(200))].")
        }
        for name in request.outputFilter where name != signature.output {
            throw APIError(
                400, "invalid_argument",
                "output tensor alias not found in signature: \(name.prefix(100)). Expected \(signature.output).")
        }
    }

    func encode(_ output: ModelOutput, of inference: Inference<String>) throws(APIError) -> HTTPResponse {
        guard let model = inference.model else { throw APIError(500, "internal_error", "There is no model.") }
        let signature = inference.parameters.isEmpty ? V1RequestReader.signature : inference.parameters
        let message = PredictResponseMessage(
            model: PredictRequestMessage.Model(name: model.name, version: model.version, signature: signature),
            output: ModelSignature(model).output, shape: output.output.shape.dimensions)
        let tensor = output.output
        guard tensor.type != .float32 else { return call.response(framed: message.framed(tensor.elements)) }
        return call.response(
            framed: message.framed(content: RawTensor.encode(tensor), type: tensor.type.tensorFlowNumber))
    }

    func response(to error: APIError) -> HTTPResponse { GRPCAnswer.error(error) }
}
