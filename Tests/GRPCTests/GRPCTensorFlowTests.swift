import DenseService
import FoundationEssentials
import GRPCMessages
import GRPCWire
import SwiftProtobuf
import Testing

private let predictions = "/tensorflow.serving.PredictionService/"
private let models = "/tensorflow.serving.ModelService/"

private func tensor(
    _ type: Tensorflow_DataType = .dtFloat, _ shape: [Int64] = [1, 2],
    _ change: (inout Tensorflow_TensorProto) -> Void
) -> Tensorflow_TensorProto {
    .with { tensor in
        tensor.dtype = type
        tensor.tensorShape.dim = shape.map { size in .with { $0.size = size } }
        change(&tensor)
    }
}

private func request(
    _ tensor: Tensorflow_TensorProto = tensor { $0.floatVal = [1, 2] },
    _ change: (inout Tensorflow_Serving_PredictRequest) -> Void = { _ in }
) -> Tensorflow_Serving_PredictRequest {
    var request = Tensorflow_Serving_PredictRequest()
    request.modelSpec.name = "m"
    request.inputs["input"] = tensor
    change(&request)
    return request
}

@Suite("tensorflow.serving")
struct GRPCTensorFlowTests {
    private let peer: GRPCPeer

    init() throws {
        peer = GRPCPeer()
        try peer.register("m")
    }

    @Test("a prediction has the output's floats, and the model's version")
    func predict() throws {
        let response: Tensorflow_Serving_PredictResponse = try peer.call(predictions + "Predict", request()).message()
        #expect(response.outputs["dense"]?.floatVal == [10, 3])
        #expect(response.outputs["dense"]?.tensorShape.dim.map(\.size) == [1, 2])
        #expect(response.modelSpec.version.value == 1)
        #expect(response.modelSpec.signatureName == "serving_default")
    }

    private static let tensorCases: [(String, Tensorflow_TensorProto)] = [
        ("float_val", tensor { $0.floatVal = [1, 1] }), ("one value for all", tensor { $0.floatVal = [1] }),
        ("tensor_content", tensor { $0.tensorContent = .init([0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F]) }),
        ("double", tensor(.dtDouble) { $0.doubleVal = [1, 1] }), ("int32", tensor(.dtInt32) { $0.intVal = [1, 1] }),
        ("uint8", tensor(.dtUint8) { $0.intVal = [1, 1] }), ("int64", tensor(.dtInt64) { $0.int64Val = [1, 1] }),
        ("bool", tensor(.dtBool) { $0.boolVal = [true, true] }),
        ("half", tensor(.dtHalf) { $0.halfVal = [0x3C00, 0x3C00] }),
        ("bfloat16", tensor(.dtBfloat16) { $0.halfVal = [0x3F80, 0x3F80] }),
        ("uint64", tensor(.dtUint64) { $0.uint64Val = [1, 1] }),
    ]

    @Test("every number is a number", arguments: tensorCases.indices)
    func tensors(index: Int) throws {
        let (what, tensor) = Self.tensorCases[index]
        let reply = peer.call(predictions + "Predict", request(tensor))
        let response: Tensorflow_Serving_PredictResponse = try reply.message()
        #expect(response.outputs["dense"]?.floatVal == [10, 2], "\(what): \(reply.text)")
    }

    private static let wrongRequests: [(String, Tensorflow_Serving_PredictRequest, GRPCCode)] = [
        ("an unknown model", request { $0.modelSpec.name = "n" }, .notFound),
        ("no model", request { $0.modelSpec.name = "" }, .invalidArgument),
        ("an unknown version", request { $0.modelSpec.version = 9 }, .notFound),
        ("a label", request { $0.modelSpec.versionLabel = "stable" }, .notFound),
        ("another signature", request { $0.modelSpec.signatureName = "x" }, .invalidArgument),
        ("no input", request { $0.inputs = [:] }, .invalidArgument),
        ("another input", request { $0.inputs["x"] = $0.inputs["input"] }, .invalidArgument),
        ("another output", request { $0.outputFilter = ["x"] }, .invalidArgument),
        ("text", request(tensor(.dtString) { $0.stringVal = [.init([1])] }), .invalidArgument),
        ("no type", request(tensor(.dtInvalid) { $0.floatVal = [1, 2] }), .invalidArgument),
        ("too few values", request(tensor(.dtFloat, [3, 2]) { $0.floatVal = [1, 2] }), .invalidArgument),
        ("too few bytes", request(tensor { $0.tensorContent = .init([1, 2, 3]) }), .invalidArgument),
        ("no values", request(tensor { _ in }), .invalidArgument),
        ("a value for millions", request(tensor(.dtFloat, [1 << 30, 2]) { $0.floatVal = [1] }), .invalidArgument),
        ("an axis of any size", request(tensor(.dtFloat, [-1, 2]) { $0.floatVal = [1, 2] }), .invalidArgument),
        ("another width", request(tensor(.dtFloat, [1, 3]) { $0.floatVal = [1, 2, 3] }), .invalidArgument),
        ("a double beyond float32", request(tensor(.dtDouble) { $0.doubleVal = [1e300, 0] }), .invalidArgument),
    ]

    @Test("what is wrong with a prediction is told with a status and a sentence", arguments: wrongRequests.indices)
    func wrong(index: Int) {
        let (what, request, code) = Self.wrongRequests[index]
        let reply = peer.call(predictions + "Predict", request)
        #expect(reply.code == code, "\(what): \(reply.text)")
        #expect(reply.text.count > 10)
    }

    @Test("models tell their state and their signature")
    func metadata() throws {
        let status: Tensorflow_Serving_GetModelStatusResponse = try peer.call(
            models + "GetModelStatus", Tensorflow_Serving_GetModelStatusRequest.with { $0.modelSpec.name = "m" }
        ).message()
        #expect(status.modelVersionStatus.map(\.state) == [.available])
        let metadata: Tensorflow_Serving_GetModelMetadataResponse = try peer.call(
            predictions + "GetModelMetadata",
            Tensorflow_Serving_GetModelMetadataRequest.with {
                $0.modelSpec.name = "m"
                $0.metadataField = ["signature_def"]
            }
        ).message()
        let packed = try #require(metadata.metadata["signature_def"])
        let map = try Tensorflow_Serving_SignatureDefMap(unpackingAny: packed)
        let signature = try #require(map.signatureDef["serving_default"])
        #expect(signature.inputs["input"]?.tensorShape.dim.map(\.size) == [-1, 2])
        #expect(signature.outputs["dense"]?.dtype == .dtFloat)
        #expect(
            peer.call(predictions + "GetModelMetadata", Tensorflow_Serving_GetModelMetadataRequest()).code
                == .invalidArgument)
    }

    @Test("examples are classified, and regressed where there is one value")
    func examples() throws {
        let example = Tensorflow_Example.with { $0.features.feature["input"] = .with { $0.floatList.value = [1, 2] } }
        let classified: Tensorflow_Serving_ClassificationResponse = try peer.call(
            predictions + "Classify",
            Tensorflow_Serving_ClassificationRequest.with {
                $0.modelSpec.name = "m"
                $0.input.exampleList.examples = [example, example]
            }
        ).message()
        #expect(classified.result.classifications.map { $0.classes.map(\.score) } == [[10, 3], [10, 3]])
        #expect(classified.result.classifications.first?.classes.map(\.label) == ["0", "1"])
        let regression = Tensorflow_Serving_RegressionRequest.with {
            $0.modelSpec.name = "m"
            $0.input.exampleList.examples = [example]
        }
        #expect(peer.call(predictions + "Regress", regression).code == .invalidArgument)
        try peer.register("one", #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1],[1]],"bias":[0]}}]}"#)
        var one = regression
        one.modelSpec.name = "one"
        let regressed: Tensorflow_Serving_RegressionResponse = try peer.call(predictions + "Regress", one).message()
        #expect(regressed.result.regressions.map(\.value) == [3])
        one.input.exampleList.examples = []
        #expect(peer.call(predictions + "Regress", one).code == .invalidArgument)
    }

    @Test("what is not done says so")
    func unimplemented() {
        #expect(
            peer.call(predictions + "MultiInference", Tensorflow_Serving_MultiInferenceRequest()).code == .unimplemented
        )
        #expect(
            peer.call(models + "HandleReloadConfigRequest", Tensorflow_Serving_ReloadConfigRequest()).code
                == .unimplemented)
    }
}
