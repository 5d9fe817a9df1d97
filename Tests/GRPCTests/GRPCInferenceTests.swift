import DenseEngine
import DenseService
import FoundationEssentials
import GRPCMessages
import GRPCWire
import HTTPServer
import ModelStore
import SwiftProtobuf
import Testing

private let path = "/inference.GRPCInferenceService/"

/// Little-endian, by the size of the type.
private func octets<Number: BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] {
    unsafe numbers.withUnsafeBytes { unsafe Array($0) }
}

private func request(
    _ datatype: String = "FP32", _ shape: [Int64] = [1, 2], raw: [UInt8]? = octets([1, 2] as [Float]),
    _ change: (inout Inference_ModelInferRequest) -> Void = { _ in }
) -> Inference_ModelInferRequest {
    var request = Inference_ModelInferRequest()
    request.modelName = "m"
    request.id = "7"
    request.inputs = [
        .with { input in
            input.name = "input"
            input.datatype = datatype
            input.shape = shape
        }
    ]
    if let raw { request.rawInputContents = [.init(raw)] }
    change(&request)
    return request
}

@Suite("inference.GRPCInferenceService")
struct GRPCInferenceTests {
    private let peer: GRPCPeer

    init() throws {
        peer = GRPCPeer()
        try peer.register("m")
    }

    // MARK: Metadata

    @Test("the server and its models tell of themselves, as by REST")
    func metadata() throws {
        #expect(
            try peer.call(path + "ServerLive", Inference_ServerLiveRequest()).message(Inference_ServerLiveResponse.self)
                .live)
        #expect(
            try peer.call(path + "ServerReady", Inference_ServerReadyRequest()).message(
                Inference_ServerReadyResponse.self
            ).ready)
        let server = try peer.call(path + "ServerMetadata", Inference_ServerMetadataRequest())
            .message(Inference_ServerMetadataResponse.self)
        #expect(server.name == "dense-serve")
        #expect(server.extensions.contains("statistics"))
        let metadata = try peer.call(path + "ModelMetadata", Inference_ModelMetadataRequest.with { $0.name = "m" })
            .message(Inference_ModelMetadataResponse.self)
        #expect(metadata.versions == ["1"])
        #expect(metadata.inputs.map(\.name) == ["input"])
        #expect(metadata.inputs.map(\.shape) == [[-1, 2]])
        #expect(metadata.outputs.map(\.name) == ["dense"])
        let config = try peer.call(path + "ModelConfig", Inference_ModelConfigRequest.with { $0.name = "m" })
            .message(Inference_ModelConfigResponse.self).config
        #expect(config.input.map(\.dims) == [[2]])
        #expect(config.maxBatchSize == 64)
        #expect(
            try peer.call(path + "ModelReady", Inference_ModelReadyRequest.with { $0.name = "m" }).message(
                Inference_ModelReadyResponse.self
            ).ready)
        #expect(
            try peer.call(path + "ModelReady", Inference_ModelReadyRequest.with { $0.name = "n" }).message(
                Inference_ModelReadyResponse.self
            ).ready == false)
        #expect(
            peer.call(
                path + "ModelMetadata",
                Inference_ModelMetadataRequest.with {
                    $0.name = "m"
                    $0.version = "2"
                }
            ).code == .notFound)
    }

    @Test("what is infered is counted in the statistics and by its status")
    func statistics() throws {
        #expect(peer.call(path + "ModelInfer", request()).code == .ok)
        #expect(peer.call(path + "ModelInfer", request("INT7")).code == .invalidArgument)
        let statistics = try peer.call(
            path + "ModelStatistics", Inference_ModelStatisticsRequest.with { $0.name = "m" }
        )
        .message(Inference_ModelStatisticsResponse.self).modelStats
        #expect(statistics.map(\.inferenceCount) == [1])
        #expect(statistics.map(\.inferenceStats.success.count) == [1])
        #expect(statistics.map(\.inferenceStats.fail.count) == [1])
        #expect(peer.service.metrics.grpc.calls(.modelInfer, code: 0) == 1)
        #expect(peer.service.metrics.grpc.calls(.modelInfer, code: 3) == 1)
        let stream = peer.begin("/metrics", type: "text/plain", method: "GET", end: true)
        let text = peer.reply(stream).answer.text
        #expect(text.contains(#"dense_http_requests_total{api="grpc",method="POST",endpoint="grpc",status="200"} 3"#))
        #expect(
            text.contains(#"dense_http_request_duration_seconds_count{api="grpc",method="POST",endpoint="grpc"} 3"#))
        #expect(peer.records.innerStatuses.prefix(2) == [0, 3])
    }

    @Test("of the names that are reserved clients may use the one that Triton's own use")
    func reservedParameters() {
        let name = "triton_enable_empty_final_response"
        for (name, choice, code) in [
            (name, .boolParam(true), .ok), (name, .boolParam(false), .ok), (name, .int64Param(1), .invalidArgument),
            ("triton_other", .boolParam(true), .invalidArgument),
        ] as [(String, Inference_InferParameter.OneOf_ParameterChoice, GRPCCode)] {
            let request = request { $0.parameters[name] = .with { $0.parameterChoice = choice } }
            #expect(peer.call(path + "ModelInfer", request).code == code)
        }
    }

    @Test("models are listed, loaded from a message's files, and unloaded")
    func repository() throws {
        let file = Array(GRPCPeer.model.utf8)
        let load = Inference_RepositoryModelLoadRequest.with { load in
            load.modelName = "n"
            load.parameters["file:1/model.json"] = .with { $0.bytesParam = .init(file) }
            load.parameters["config"] = .with { $0.stringParam = #"{"max_batch_size": 8}"# }
        }
        #expect(peer.call(path + "RepositoryModelLoad", load).code == .ok)
        let index = try peer.call(path + "RepositoryIndex", Inference_RepositoryIndexRequest())
            .message(Inference_RepositoryIndexResponse.self)
        #expect(index.models.map(\.name) == ["m", "n"])
        #expect(index.models.allSatisfy { $0.state == "READY" })
        let unload = Inference_RepositoryModelUnloadRequest.with { $0.modelName = "n" }
        #expect(peer.call(path + "RepositoryModelUnload", unload).code == .ok)
        #expect(peer.call(path + "RepositoryModelUnload", unload).code == .ok)
        #expect(
            try peer.call(path + "ModelReady", Inference_ModelReadyRequest.with { $0.name = "n" }).message(
                Inference_ModelReadyResponse.self
            ).ready == false)
        #expect(
            peer.call(path + "RepositoryIndex", Inference_RepositoryIndexRequest.with { $0.repositoryName = "r" }).code
                == .unimplemented)
    }

    @Test("a model that cannot be unloaded now is said to be there still, by REST and by gRPC")
    func unloadFails() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "unload-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let models = ModelRegistry(maximumBytes: 1 << 20, folder: try StoreFolder(folder.path))
        _ = try models.restore()
        let peer = GRPCPeer(models: models)
        try peer.register("m")
        models.suspendChanges()
        let unload = Inference_RepositoryModelUnloadRequest.with { $0.modelName = "m" }
        #expect(peer.call(path + "RepositoryModelUnload", unload).code == .unavailable)
        #expect(peer.conversation.turnedAwayCount == 1)
        let stream = peer.begin("/v2/repository/models/m/unload", type: "application/json")
        peer.data(stream, [], end: true)
        #expect(peer.reply(stream).answer.status == 503)
        #expect(peer.conversation.turnedAwayCount == 2)
        #expect(try models.lookup("m").version == 1)
        _ = try models.resumeChanges(patience: 0)
        #expect(peer.call(path + "RepositoryModelUnload", unload).code == .ok)
        #expect((try? models.lookup("m")) == nil)
    }

    @Test("what is off is answered as Triton answers it")
    func off() throws {
        #expect(peer.call(path + "SystemSharedMemoryStatus", Inference_SystemSharedMemoryStatusRequest()).code == .ok)
        #expect(
            peer.call(path + "SystemSharedMemoryRegister", Inference_SystemSharedMemoryRegisterRequest()).code
                == .unimplemented)
        #expect(
            peer.call(path + "CudaSharedMemoryRegister", Inference_CudaSharedMemoryRegisterRequest()).code
                == .unimplemented)
        let trace = try peer.call(path + "TraceSetting", Inference_TraceSettingRequest())
            .message(Inference_TraceSettingResponse.self)
        #expect(trace.settings["trace_level"]?.value == ["OFF"])
        let tracing = Inference_TraceSettingRequest.with {
            $0.settings["trace_level"] = .with { $0.value = ["TENSORS"] }
        }
        #expect(peer.call(path + "TraceSetting", tracing).code == .unimplemented)
        let quiet = Inference_LogSettingsRequest.with { $0.settings["log_info"] = .with { $0.boolParam = false } }
        let log = try peer.call(path + "LogSettings", quiet).message(Inference_LogSettingsResponse.self)
        #expect(log.settings["log_info"]?.boolParam == false)
        #expect(log.settings["log_error"]?.boolParam == true)
        let wrong = Inference_LogSettingsRequest.with { $0.settings["log_colour"] = .with { $0.boolParam = true } }
        #expect(peer.call(path + "LogSettings", wrong).code == .invalidArgument)
    }

    // MARK: Inference

    @Test("raw contents give the model's output, with the request's id")
    func raw() throws {
        let reply = peer.call(path + "ModelInfer", request())
        #expect(reply.code == .ok)
        let response: Inference_ModelInferResponse = try reply.message()
        #expect([response.modelName, response.modelVersion, response.id] == ["m", "1", "7"])
        #expect(response.outputs.map(\.shape) == [[1, 2]])
        #expect(response.rawOutputContents.map { Array($0) } == [octets([10, 3] as [Float])])
        #expect(reply.answer.field("content-type") == "application/grpc")
    }

    @Test("a large tensor, computed on a worker, gives the bits that the engine gives")
    func large() throws {
        let values = (0..<200_000).map { Float($0 % 977) / 31 - 9 }
        let response: Inference_ModelInferResponse = try peer.call(
            path + "ModelInfer", request("FP32", [100_000, 2], raw: octets(values))
        ).message()
        let expected = try peer.models.lookup("m").network(Tensor([100_000, 2], values)).output
        #expect(response.rawOutputContents.map { Array($0) } == [octets(expected.elements)])
    }

    @Test("contents of every datatype are numbers alike")
    func contents() throws {
        typealias Contents = Inference_InferTensorContents
        let cases: [(String, Contents)] = [
            ("BOOL", .with { $0.boolContents = [true, true] }), ("INT8", .with { $0.intContents = [1, 1] }),
            ("INT16", .with { $0.intContents = [1, 1] }), ("INT32", .with { $0.intContents = [1, 1] }),
            ("INT64", .with { $0.int64Contents = [1, 1] }), ("UINT8", .with { $0.uintContents = [1, 1] }),
            ("UINT16", .with { $0.uintContents = [1, 1] }), ("UINT32", .with { $0.uintContents = [1, 1] }),
            ("UINT64", .with { $0.uint64Contents = [1, 1] }), ("FP32", .with { $0.fp32Contents = [1, 1] }),
            ("FP64", .with { $0.fp64Contents = [1, 1] }),
        ]
        for (datatype, contents) in cases {
            let reply = peer.call(path + "ModelInfer", request(datatype, raw: nil) { $0.inputs[0].contents = contents })
            let response: Inference_ModelInferResponse = try reply.message()
            #expect(
                response.rawOutputContents.map { Array($0) } == [octets([10, 2] as [Float])],
                "\(datatype): \(reply.text)")
        }
        let half = peer.call(path + "ModelInfer", request("FP16", raw: octets([0x3C00, 0x3C00] as [UInt16])))
        #expect(
            try half.message(Inference_ModelInferResponse.self).rawOutputContents.map { Array($0) } == [
                octets([10, 2] as [Float])
            ])
    }

    @Test("classes come instead of values where they are asked for")
    func classes() throws {
        let response: Inference_ModelInferResponse = try peer.call(
            path + "ModelInfer",
            request { request in
                request.outputs = [
                    .with { output in
                        output.name = "dense"
                        output.parameters["classification"] = .with { $0.int64Param = 1 }
                    }
                ]
            }
        ).message()
        #expect(response.outputs.map(\.datatype) == ["BYTES"])
        #expect(response.outputs.map(\.shape) == [[1, 1]])
        #expect(response.rawOutputContents.map { Array($0) } == [[6, 0, 0, 0] + Array("10.0:0".utf8)])
    }

    private static let wrongRequests: [(String, Inference_ModelInferRequest, GRPCCode)] = [
        ("an unknown model", request { $0.modelName = "n" }, .notFound),
        ("no model", request { $0.modelName = "" }, .notFound),
        ("an unknown version", request { $0.modelVersion = "9" }, .notFound),
        ("a version that is no number", request { $0.modelVersion = "x" }, .notFound),
        ("another input", request { $0.inputs[0].name = "x" }, .invalidArgument),
        ("no input", request { $0.inputs = [] }, .invalidArgument),
        ("two inputs", request { $0.inputs.append($0.inputs[0]) }, .invalidArgument),
        ("another output", request { $0.outputs = [.with { $0.name = "x" }] }, .invalidArgument),
        (
            "an output twice", request { $0.outputs = [.with { $0.name = "dense" }, .with { $0.name = "dense" }] },
            .invalidArgument
        ),
        ("an unknown datatype", request("FP31"), .invalidArgument),
        ("BYTES", request("BYTES"), .invalidArgument),
        ("too few bytes", request(raw: [0, 0, 0]), .invalidArgument),
        ("too many bytes", request(raw: [UInt8](repeating: 0, count: 12)), .invalidArgument),
        ("bytes for another type", request("FP64"), .invalidArgument),
        ("a negative axis", request("FP32", [-1, 2]), .invalidArgument),
        ("a shape that overflows", request("FP32", [1 << 40, 1 << 40]), .invalidArgument),
        ("33 axes", request("FP32", [Int64](repeating: 1, count: 33)), .invalidArgument),
        ("millions of rows of nothing", request("FP32", [1 << 50, 0], raw: []), .invalidArgument),
        ("another last axis", request("FP32", [1, 3], raw: [UInt8](repeating: 0, count: 12)), .invalidArgument),
        (
            "raw and typed contents", request { $0.inputs[0].contents = .with { $0.fp32Contents = [1, 2] } },
            .invalidArgument
        ),
        ("neither", request(raw: nil), .invalidArgument),
        ("two raw contents", request { $0.rawInputContents.append(.init([1])) }, .invalidArgument),
        (
            "contents in another field",
            request(raw: nil) { $0.inputs[0].contents = .with { $0.intContents = [1, 2] } }, .invalidArgument
        ),
        (
            "too few elements", request(raw: nil) { $0.inputs[0].contents = .with { $0.fp32Contents = [1] } },
            .invalidArgument
        ),
        (
            "FP16 in typed contents",
            request("FP16", raw: nil) { $0.inputs[0].contents = .with { $0.fp32Contents = [1, 2] } }, .invalidArgument
        ),
        (
            "an INT8 of 300",
            request("INT8", raw: nil) { $0.inputs[0].contents = .with { $0.intContents = [300, 2] } }, .invalidArgument
        ),
        (
            "a double beyond float32",
            request("FP64", raw: nil) { $0.inputs[0].contents = .with { $0.fp64Contents = [1e300, 2] } },
            .invalidArgument
        ),
        (
            "a reserved parameter", request { $0.parameters["triton_x"] = .with { $0.boolParam = true } },
            .invalidArgument
        ),
        (
            "a priority that is no number", request { $0.parameters["priority"] = .with { $0.stringParam = "1" } },
            .invalidArgument
        ),
        (
            "shared memory",
            request { $0.inputs[0].parameters["shared_memory_region"] = .with { $0.stringParam = "r" } }, .unimplemented
        ),
    ]

    @Test("what is wrong with a request is told with a status and a sentence", arguments: wrongRequests.indices)
    func wrong(index: Int) {
        let (what, request, code) = Self.wrongRequests[index]
        let reply = peer.call(path + "ModelInfer", request)
        #expect(reply.code == code, "\(what): \(reply.text)")
        #expect(reply.text.count > 15, "\(what)")
        #expect(reply.messages.isEmpty)
        #expect(reply.answer.status == 200)
        // The connection lives on.
        #expect(peer.call(path + "ServerLive", Inference_ServerLiveRequest()).code == .ok)
    }
}
