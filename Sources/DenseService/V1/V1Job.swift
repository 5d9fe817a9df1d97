internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// A request to `POST /v1/models/{name}[/versions/{version}|/labels/{label}]:(predict|classify|regress)`.
final class V1Job: InferenceJob {
    let service: Service
    let timing: Timing
    private let request: HTTPRequest
    private let operation: Operation
    private let model: V1Model

    init(_ request: HTTPRequest, _ operation: Operation, _ model: V1Model, _ service: Service) throws(APIError) {
        timing = try Timing(request, limit: service.configuration.requestTimeout)
        self.request = request
        self.operation = operation
        self.model = model
        self.service = service
    }

    var bodyBytes: Int { request.body.count }

    /// An index of up to four bytes a byte, and a float for every two at most.
    var decodingBytes: Int { Service.bytes(request.body.count, times: 6) }

    var hints: RequestHints { RequestHints(model: model.name, version: model.version, label: model.label) }

    func prepare() throws(APIError) -> PreparedInference<V1Method> {
        let started = Instant.now
        let model = try model.lookup(in: service.models)
        let signature = ModelSignature(model)
        let (method, input, adapter) = try unsafe request.body.withUnsafeBytes { bytes throws(APIError) in
            try unsafe V1RequestReader.read(
                bytes, operation, input: signature.input, readsDoubles: signature.takesDoubles)
        }
        return try ready(
            model, input, method, adapter: adapter, decodedSince: started, earlier: request.decodingNanoseconds
        ) { shape in
            JSONWriter.capacity(for: shape, form: .nested, type: signature.outputType)
        }
    }

    func encode(_ output: ModelOutput, of inference: Inference<V1Method>) throws(APIError) -> HTTPResponse {
        let tensor = output.output
        var writer = JSONWriter(capacity: 64 + JSONWriter.capacity(for: tensor.shape, form: .nested, type: tensor.type))
        writer.beginObject()
        switch inference.parameters {
        case .predictRows: try Self.write("predictions", tensor, to: &writer)
        case .predictColumns: try Self.write("outputs", tensor, to: &writer)
        case .classify: try classify(tensor, to: &writer)
        case .regress: try regress(tensor, to: &writer)
        }
        writer.endObject()
        return HTTPResponse(.ok, json: writer)
    }

    private static func write(_ name: String, _ tensor: Tensor, to writer: inout JSONWriter) throws(APIError) {
        writer.name(name)
        try api { () throws(CodingError) in try writer.write(tensor, form: .nested, nonFinite: .token) }
    }

    /// A list of class and score for each example; a class is called by its place.
    private func classify(_ tensor: Tensor, to writer: inout JSONWriter) throws(APIError) {
        let width = tensor.shape.lastAxis
        guard tensor.shape.rank == 2, width >= 2 else {
            throw APIError(V1Error.notClassification(model: model.name, shape: tensor.shape.dimensions))
        }
        writer.name("results")
        writer.beginArray()
        for row in 0..<tensor.shape.rowCount {
            writer.beginArray()
            for place in 0..<width {
                writer.beginArray()
                writer.write(String(place))
                writer.write(token: tensor.elements[row * width + place], type: tensor.type)
                writer.endArray()
            }
            writer.endArray()
        }
        writer.endArray()
    }

    private func regress(_ tensor: Tensor, to writer: inout JSONWriter) throws(APIError) {
        guard tensor.shape.count == tensor.shape.dimensions.first else {
            throw APIError(V1Error.notRegression(model: model.name, shape: tensor.shape.dimensions))
        }
        writer.name("results")
        try api { () throws(CodingError) in try writer.writeFlat(tensor, nonFinite: .token) }
    }

    func response(to error: APIError) -> HTTPResponse { V1Failure.response(to: error) }
}
