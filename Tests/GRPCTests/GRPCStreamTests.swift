import DenseService
import FoundationEssentials
import GRPCMessages
import GRPCWire
import HTTPServer
import SwiftProtobuf
import Testing

private let path = "/inference.GRPCInferenceService/ModelStreamInfer"

private func request(_ id: Int, rows: Int = 1, model: String = "m") -> [UInt8] {
    var request = Inference_ModelInferRequest.ofZeros(rows: rows, model: model)
    request.id = "\(id)"
    return GRPCPeer.framed(request)
}

@Suite("Streamed gRPC calls")
struct GRPCStreamTests {
    private let peer: GRPCPeer

    init() throws {
        peer = GRPCPeer()
        try peer.register("m")
    }

    private func responses(_ reply: GRPCReply) throws -> [Inference_ModelStreamInferResponse] {
        try reply.messages.map { try Inference_ModelStreamInferResponse(serializedBytes: $0.bytes) }
    }

    // MARK: ModelStreamInfer

    @Test("requests of a stream are answered in their order, large and small", arguments: [0, 1, 7])
    func order(cut: Int) throws {
        let stream = peer.begin(path)
        let bytes = (0..<40).flatMap { request($0, rows: $0 % 5 == 0 ? 3000 : 1) }
        if cut == 0 {
            peer.data(stream, bytes)
        } else {
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = rest.count > 400 && cut == 1 ? 997 : cut
                peer.data(stream, Array(rest.prefix(size * 50)))
                rest = rest.dropFirst(size * 50)
            }
        }
        peer.data(stream, [], end: true)
        let reply = peer.reply(stream)
        #expect(reply.code == .ok, "\(reply.text)")
        let responses = try responses(reply)
        #expect(responses.map(\.inferResponse.id) == (0..<40).map { "\($0)" })
        #expect(responses.allSatisfy { $0.errorMessage.isEmpty })
    }

    @Test("an answer comes before the client has ended, and an error is one request's alone")
    func errors() throws {
        let stream = peer.begin(path)
        peer.data(stream, request(1))
        #expect(peer.wait { GRPCReply(peer[stream]).messages.count == 1 })
        peer.data(stream, request(2, model: "nobody") + request(3))
        #expect(peer.wait { GRPCReply(peer[stream]).messages.count == 3 })
        peer.data(stream, [], end: true)
        let reply = peer.reply(stream)
        #expect(reply.code == .ok)
        let responses = try responses(reply)
        #expect(responses.map(\.errorMessage.isEmpty) == [true, false, true])
        #expect(responses.allSatisfy { $0.inferResponse.parameters["triton_final_response"]?.boolParam == true })
        #expect(responses.map(\.inferResponse.id) == ["1", "2", "3"])
    }

    @Test("more requests than are computed at once wait for their turn")
    func many() throws {
        let stream = peer.begin(path)
        for id in 0..<300 { peer.data(stream, request(id, rows: 1500)) }
        peer.data(stream, [], end: true)
        let reply = peer.reply(stream)
        #expect(reply.code == .ok, "\(reply.text)")
        #expect(try responses(reply).map(\.inferResponse.id) == (0..<300).map { "\($0)" })
    }

    @Test(
        "what is wrong with the frames ends the stream",
        arguments: [
            ([2, 0, 0, 0, 0], GRPCCode.internalError), ([0, 0xFF, 0, 0, 0], .resourceExhausted),
            ([1, 0, 0, 0, 1, 0], .internalError), ([0, 0, 0, 0, 9, 1], .internalError),
        ] as [([UInt8], GRPCCode)])
    func frames(bytes: [UInt8], code: GRPCCode) {
        let stream = peer.begin(path)
        peer.data(stream, bytes, end: true)
        #expect(peer.reply(stream).code == code)
    }

    @Test("a stream without requests ends well, and a cancelled one is counted")
    func ends() {
        #expect(peer.reply(peer.begin(path, end: true)).code == .ok)
        let stream = peer.begin(path)
        peer.send(H2.reset(stream))
        #expect(peer.service.metrics.grpc.calls(.modelStreamInfer, code: GRPCCode.cancelled.rawValue) == 1)
    }

    @Test("a stopping server answers what has come, and then says UNAVAILABLE")
    func drain() throws {
        let stream = peer.begin(path)
        peer.data(stream, request(1, rows: 3000))
        peer.take(peer.conversation.beginDraining())
        let reply = peer.reply(stream)
        #expect(reply.code == .unavailable)
        #expect(try responses(reply).map(\.inferResponse.id) == ["1"])
        #expect(peer.reply(peer.begin(path)).code == .unavailable)
    }

    // MARK: Health

    private let health = "/grpc.health.v1.Health/"

    private func states(_ reply: GRPCReply) -> [Grpc_Health_V1_HealthCheckResponse.ServingStatus] {
        reply.messages.compactMap { try? Grpc_Health_V1_HealthCheckResponse(serializedBytes: $0.bytes).status }
    }

    @Test("a check tells the state of the server and of its services")
    func check() {
        let peer = GRPCPeer(ready: false)
        let whole = Grpc_Health_V1_HealthCheckRequest()
        #expect(states(peer.call(health + "Check", whole)) == [.notServing])
        peer.service.setReady()
        #expect(states(peer.call(health + "Check", whole)) == [.serving])
        for service in GRPCMethod.services {
            #expect(
                states(peer.call(health + "Check", Grpc_Health_V1_HealthCheckRequest.with { $0.service = service }))
                    == [.serving])
        }
        #expect(
            peer.call(health + "Check", Grpc_Health_V1_HealthCheckRequest.with { $0.service = "x" }).code == .notFound)
    }

    @Test("a watch tells every change until the server stops")
    func watch() {
        let peer = GRPCPeer(ready: false)
        let stream = peer.begin(health + "Watch")
        peer.data(stream, GRPCPeer.framed(Grpc_Health_V1_HealthCheckRequest()), end: true)
        #expect(peer.wait { states(GRPCReply(peer[stream])) == [.notServing] })
        peer.service.setReady()
        #expect(peer.wait { states(GRPCReply(peer[stream])) == [.notServing, .serving] })
        peer.service.beginDraining()
        #expect(peer.wait { states(GRPCReply(peer[stream])) == [.notServing, .serving, .notServing] })
        peer.take(peer.conversation.beginDraining())
        #expect(peer.reply(stream).code == .unavailable)
    }

    @Test("a watch of an unknown service says so and goes on, one of nothing is an error")
    func watchUnknown() {
        let stream = peer.begin(health + "Watch")
        peer.data(stream, GRPCPeer.framed(Grpc_Health_V1_HealthCheckRequest.with { $0.service = "x" }), end: true)
        #expect(peer.wait { states(GRPCReply(peer[stream])) == [.serviceUnknown] })
        #expect(!peer[stream].ended)
        #expect(peer.reply(peer.begin(health + "Watch", end: true)).code == .unimplemented)
    }

    // MARK: Reflection

    @Test("the services are listed and described, in both versions of reflection", arguments: ["v1", "v1alpha"])
    func reflection(version: String) throws {
        let stream = peer.begin("/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo")
        typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
        let requests: [Request] = [
            .with { $0.listServices = "" }, .with { $0.fileContainingSymbol = "inference.GRPCInferenceService" },
            .with { $0.fileByFilename = "tensorflow_serving/apis/predict.proto" },
            .with { $0.fileContainingSymbol = "inference.ModelInferRequest.InferInputTensor" },
            .with { $0.fileContainingSymbol = "nobody.Nothing" }, Request(),
        ]
        for request in requests { peer.data(stream, GRPCPeer.framed(request)) }
        peer.data(stream, [], end: true)
        let reply = peer.reply(stream)
        #expect(reply.code == .ok)
        let answers = try reply.messages.map {
            try Grpc_Reflection_V1_ServerReflectionResponse(serializedBytes: $0.bytes)
        }
        try #require(answers.count == requests.count)
        #expect(answers[0].listServicesResponse.service.map(\.name) == GRPCMethod.services)
        let files = try answers.map { answer in
            try answer.fileDescriptorResponse.fileDescriptorProto.map {
                try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name
            }
        }
        #expect(files[1] == ["grpc_service.proto", "model_config.proto"])
        #expect(files[2].contains("google/protobuf/wrappers.proto"))
        #expect(files[3].first == "grpc_service.proto")
        #expect(answers[4].errorResponse.errorCode == 5)
        #expect(answers[5].errorResponse.errorCode == 3)
        // Every method there is, and no other, is described.
        let service = try Google_Protobuf_FileDescriptorProto(
            serializedBytes: answers[1].fileDescriptorResponse.fileDescriptorProto[0])
        let described = service.service.flatMap { service in
            service.method.map { "/inference.\(service.name)/\($0.name)" }
        }
        #expect(Set(described) == Set(GRPCMethod.allCases.map(\.rawValue).filter { $0.hasPrefix("/inference.") }))
    }
}
