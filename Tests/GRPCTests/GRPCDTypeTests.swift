import DenseEngine
import DenseService
import FoundationEssentials
import GRPCMessages
import GRPCWire
import SwiftProtobuf
import TensorCoding
import Testing

@Suite("gRPC with models of other types than float32")
struct GRPCDTypeTests {
    private let peer = GRPCPeer()

    @Test(
        "outputs are of the model's type",
        arguments: [(DType.float16, "FP16", 19), (.bfloat16, "BF16", 14), (.float64, "FP64", 2)])
    func outputs(type: DType, datatype: String, number: Int) throws {
        try peer.register(
            "half",
            #"{"layer": {"units": 2, "dtype": "\#(type.rawValue)"}, "#
                + #""weights": {"kernel": [[0.1, 1], [1, 0]], "bias": [0, 0]}}"#)
        let input = try Tensor(shape: Shape([1, 2]), doubles: [1, 0]).cast(to: type)
        var request = Inference_ModelInferRequest()
        request.modelName = "half"
        request.inputs = [
            .with {
                $0.name = "input"
                $0.datatype = datatype
                $0.shape = [1, 2]
            }
        ]
        request.rawInputContents = [.init(RawTensor.encode(input))]
        let expected = RawTensor.encode(try Tensor(shape: Shape([1, 2]), doubles: [0.1, 1]).cast(to: type))
        let answer = try peer.call("/inference.GRPCInferenceService/ModelInfer", request)
            .message(Inference_ModelInferResponse.self)
        #expect(answer.outputs.first?.datatype == datatype)
        #expect(answer.rawOutputContents.first.map { Array($0) } == expected)
        let metadata = try peer.call(
            "/inference.GRPCInferenceService/ModelMetadata", Inference_ModelMetadataRequest.with { $0.name = "half" }
        ).message(Inference_ModelMetadataResponse.self)
        #expect(metadata.inputs.first?.datatype == datatype && metadata.outputs.first?.datatype == datatype)

        var predict = Tensorflow_Serving_PredictRequest()
        predict.modelSpec.name = "half"
        predict.inputs["input"] = .with { tensor in
            tensor.dtype = Tensorflow_DataType(rawValue: number) ?? .dtFloat
            tensor.tensorShape.dim = [.with { $0.size = 1 }, .with { $0.size = 2 }]
            tensor.tensorContent = .init(RawTensor.encode(input))
        }
        let response = try peer.call("/tensorflow.serving.PredictionService/Predict", predict)
            .message(Tensorflow_Serving_PredictResponse.self)
        let output = try #require(response.outputs.values.first)
        #expect(output.dtype.rawValue == number)
        #expect(Array(output.tensorContent) == expected)
    }
}
