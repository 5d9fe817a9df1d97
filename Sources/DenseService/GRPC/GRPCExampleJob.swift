internal import DenseEngine
internal import GRPCMessages
internal import GRPCWire
internal import HTTPServer
internal import ModelStore
internal import SwiftProtobuf

/// `tensorflow.serving`'s Classify and Regress: examples whose feature of the input's name is a row of it.
final class GRPCExampleJob: InferenceJob {
    let service: Service
    let timing: Timing
    private let call: GRPCCall
    private let classifies: Bool

    init(_ call: GRPCCall, classifies: Bool) {
        service = call.service
        timing = call.timing
        self.call = call
        self.classifies = classifies
    }

    /// Messages of messages take their time.
    var bodyBytes: Int { max(call.message.count, Placement.leastWorkerBytes) }
    var decodingBytes: Int { Service.bytes(call.message.count, times: 32) }
    var hints: RequestHints { RequestHints(model: "") }

    func prepare() throws(APIError) -> PreparedInference<Tensorflow_Serving_ModelSpec> {
        let started = Instant.now
        try timing.requireInTime()
        let message = try call.message.plain(limit: service.configuration.maximumBodyBytes)
        let (spec, input) = try request(message)
        try GRPCTensorFlow.requireSignature(spec.signatureName)
        let model = try GRPCTensorFlow.model(spec).lookup(in: service.models)
        let tensor = try Self.tensor(input, named: ModelSignature(model).input)
        return try ready(model, tensor, spec, decodedSince: started) { shape in Service.bytes(shape.count, times: 48) }
    }

    private func request(
        _ message: GRPCMessage
    ) throws(APIError) -> (Tensorflow_Serving_ModelSpec, Tensorflow_Serving_Input) {
        if classifies {
            let request = try GRPCProtobuf.decode(Tensorflow_Serving_ClassificationRequest.self, message)
            return (request.modelSpec, request.input)
        }
        let request = try GRPCProtobuf.decode(Tensorflow_Serving_RegressionRequest.self, message)
        return (request.modelSpec, request.input)
    }

    private static func tensor(_ input: Tensorflow_Serving_Input, named name: String) throws(APIError) -> Tensor {
        let examples: [Tensorflow_Example]
        var context: [Float]?
        switch input.kind {
        case .exampleList(let list): examples = list.examples
        case .exampleListWithContext(let list):
            examples = list.examples
            context = row(list.context, name)
        case nil: examples = []
        }
        guard !examples.isEmpty else { throw APIError(400, "invalid_argument", "Input is empty.") }
        var elements: [Float] = []
        var width = 0
        for (index, example) in examples.enumerated() {
            guard let row = row(example, name) ?? context else { throw APIError(V1Error.noFeature(name, index: index)) }
            if index == 0 { width = row.count }
            guard row.count == width else {
                throw APIError(V1Error.otherShape(index: index, expected: [width], received: [row.count]))
            }
            elements += row
        }
        return try api { () throws(EngineError) in try Tensor([examples.count, width], elements) }
    }

    private static func row(_ example: Tensorflow_Example, _ name: String) -> [Float]? {
        switch example.features.feature[name]?.kind {
        case .floatList(let list): list.value
        case .int64List(let list): list.value.map(Float.init)
        case .bytesList, nil: nil
        }
    }

    func encode(
        _ output: ModelOutput, of inference: Inference<Tensorflow_Serving_ModelSpec>
    ) throws(APIError) -> HTTPResponse {
        let tensor = output.output
        let width = tensor.shape.lastAxis
        var spec = inference.parameters
        if let model = inference.model { spec.version = .with { $0.value = Int64(model.version) } }
        if classifies {
            guard tensor.shape.rank == 2, width >= 2 else {
                throw APIError(V1Error.notClassification(model: spec.name, shape: tensor.shape.dimensions))
            }
            var response = Tensorflow_Serving_ClassificationResponse()
            response.modelSpec = spec
            response.result.classifications = (0..<tensor.shape.rowCount).map { row in
                .with { $0.classes = Self.classes(tensor.elements[row * width..<(row + 1) * width]) }
            }
            return call.response(framed: try GRPCProtobuf.framed(response))
        }
        guard tensor.shape.count == tensor.shape.dimensions.first else {
            throw APIError(V1Error.notRegression(model: spec.name, shape: tensor.shape.dimensions))
        }
        var response = Tensorflow_Serving_RegressionResponse()
        response.modelSpec = spec
        response.result.regressions = tensor.elements.map { value in .with { $0.value = value } }
        return call.response(framed: try GRPCProtobuf.framed(response))
    }

    /// A class is called by its place.
    private static func classes(_ scores: ArraySlice<Float>) -> [Tensorflow_Serving_Class] {
        scores.enumerated().map { place, score in
            .with { entry in
                entry.label = String(place)
                entry.score = score
            }
        }
    }

    func response(to error: APIError) -> HTTPResponse { GRPCAnswer.error(error) }
}
