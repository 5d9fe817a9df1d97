import FoundationEssentials
import GRPCMessages
import GRPCWire
import SwiftProtobuf
import Testing

// The forms of gRPC's services: Triton's and TensorFlow Serving's.

private typealias Caller = ProtocolCaller
private let infer = "/inference.GRPCInferenceService/ModelInfer"
private let stream = "/inference.GRPCInferenceService/ModelStreamInfer"
private let predictions = "/tensorflow.serving.PredictionService/"

extension ProtocolForm {
    static let grpc = inference + tensorFlow

    private static func request(
        _ datatype: String = "FP32", _ change: (inout Inference_ModelInferRequest) -> Void
    ) -> Inference_ModelInferRequest {
        .with { request in
            request.modelName = "m"
            request.inputs = [
                .with { input in
                    input.name = "input"
                    input.datatype = datatype
                    input.shape = [Int64(Caller.rows), Int64(Caller.columns)]
                }
            ]
            change(&request)
        }
    }

    // Made anew for each call: the leak sanitizer does not see what a kept `Data` refers to.
    private static var raw: Inference_ModelInferRequest { request { $0.rawInputContents = [Data(Caller.octets)] } }
    private static var typed: Inference_ModelInferRequest {
        request { $0.inputs[0].contents.fp32Contents = Caller.input }
    }

    private static func bits(_ response: Inference_ModelInferResponse) -> [UInt32] {
        #expect(response.outputs.map(\.shape) == [[Int64(Caller.rows), 5]])
        return Caller.bits(octets: response.rawOutputContents.first ?? Data())
    }

    private static func call(
        _ name: String, _ request: @autoclosure @escaping @Sendable () -> Inference_ModelInferRequest
    ) -> ProtocolForm {
        ProtocolForm(name) { caller in bits(try caller.peer.call(infer, request()).message()) }
    }

    private static let inference = [
        call("ModelInfer, raw", raw), call("ModelInfer, typed", typed),
        call(
            "ModelInfer, float64",
            request("FP64") { $0.inputs[0].contents.fp64Contents = Caller.input.map(Double.init) }),
        call(
            "ModelInfer, raw float16",
            request("FP16") { request in
                request.rawInputContents = [
                    Data(
                        Caller.input.flatMap { value in
                            let bits = Float16(value).bitPattern
                            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                        })
                ]
            }),
        ProtocolForm("ModelStreamInfer, raw and typed") { caller in
            let open = caller.peer.begin(stream)
            caller.peer.data(open, GRPCPeer.framed(raw) + GRPCPeer.framed(typed), end: true)
            let answers = try caller.peer.reply(open).messages.map {
                bits(try Inference_ModelStreamInferResponse(serializedBytes: $0.bytes).inferResponse)
            }
            #expect(answers.count == 2 && answers.first == answers.last)
            return answers.first ?? []
        },
    ]

    private static func predict(
        _ name: String, _ dtype: Tensorflow_DataType = .dtFloat,
        _ change: @escaping @Sendable (inout Tensorflow_TensorProto) -> Void
    ) -> ProtocolForm {
        ProtocolForm(name) { caller in
            let request = Tensorflow_Serving_PredictRequest.with { request in
                request.modelSpec.name = "m"
                request.inputs["input"] = .with { tensor in
                    tensor.dtype = dtype
                    tensor.tensorShape.dim = [Caller.rows, Caller.columns].map { size in .with { $0.size = Int64(size) }
                    }
                    change(&tensor)
                }
            }
            let response: Tensorflow_Serving_PredictResponse = try caller.peer.call(predictions + "Predict", request)
                .message()
            return response.outputs["out"]?.floatVal.map(\.bitPattern) ?? []
        }
    }

    private static let tensorFlow = [
        predict("Predict, float_val") { $0.floatVal = Caller.input },
        predict("Predict, tensor_content") { $0.tensorContent = Data(Caller.octets) },
        predict("Predict, double_val", .dtDouble) { $0.doubleVal = Caller.input.map(Double.init) },
        ProtocolForm("Classify") { caller in
            let request = Tensorflow_Serving_ClassificationRequest.with { request in
                request.modelSpec.name = "m"
                request.input.exampleList.examples = (0..<Caller.rows).map { row in
                    .with { example in
                        example.features.feature["input"] = .with {
                            $0.floatList.value = Array(Caller.input[row * Caller.columns..<(row + 1) * Caller.columns])
                        }
                    }
                }
            }
            let response: Tensorflow_Serving_ClassificationResponse = try caller.peer
                .call(predictions + "Classify", request).message()
            return response.result.classifications.flatMap { $0.classes.map(\.score.bitPattern) }
        },
    ]
}
