import AccessControl
import ContentCoding
import DenseService
import FoundationEssentials
import GRPCMessages
import GRPCWire
import HTTPServer
import SwiftProtobuf
import Testing

private let infer = "/inference.GRPCInferenceService/ModelInfer"

private func request(rows: Int = 1) -> Inference_ModelInferRequest { .ofZeros(rows: rows) }

@Suite("gRPC calls")
struct GRPCCallTests {
    private let peer: GRPCPeer

    init() throws {
        var configuration = ServiceConfiguration()
        configuration.maximumBodyBytes = 1 << 20
        configuration.compressMinimumBytes = 100
        var server = ServerConfiguration()
        server.maxBodyBytes = 1 << 20
        peer = GRPCPeer(configuration, server: server)
        try peer.register("m")
    }

    // MARK: Heads

    @Test(
        "an unknown method or service is UNIMPLEMENTED",
        arguments: ["/inference.GRPCInferenceService/Nothing", "/nobody.Nothing/Infer", "/", "/dense"])
    func unknownMethod(path: String) {
        let reply = peer.call(path, body: GRPCFramer.prefix(length: 0))
        #expect(reply.code == .unimplemented)
        #expect(reply.answer.status == 200)
        #expect(reply.answer.heads.count == 1)
    }

    @Test(
        "media types that are gRPC's, and those that are not",
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true), ("application/grpc;a=b", true),
            ("application/grpc+json", false), ("application/grpc-web", false), ("application/json", false),
        ])
    func mediaTypes(type: String, isGRPC: Bool) {
        let stream = peer.begin(infer, type: type)
        peer.data(stream, GRPCPeer.framed(request()), end: true)
        let reply = peer.reply(stream)
        #expect(reply.answer.status == (isGRPC ? 200 : 415))
        #expect((reply.code == .ok) == isGRPC)
    }

    @Test("other requests on the connection go to the REST endpoints")
    func besideREST() {
        let stream = peer.begin("/dense", type: "application/json")
        peer.data(stream, Array(#"{"model":"m","input":[[1,2]]}"#.utf8), end: true)
        _ = peer.wait { peer[stream].ended }
        #expect(peer[stream].text.hasPrefix(#"{"output":[[10.0,3.0]]"#))
    }

    @Test(
        "a deadline is kept", arguments: [("1n", GRPCCode.deadlineExceeded), ("10S", .ok), ("10s", .invalidArgument)])
    func deadline(timeout: String, code: GRPCCode) {
        for rows in [1, 20_000] {
            let reply = peer.call(infer, request(rows: rows), [("grpc-timeout", timeout)])
            #expect(reply.code == code, "\(rows) rows: \(reply.text)")
        }
    }

    // MARK: Bodies

    private static let wrongBodies: [(String, [UInt8], GRPCCode)] = [
        ("nothing", [], .unimplemented), ("part of a prefix", [0, 0, 0], .internalError),
        ("part of a message", [0, 0, 0, 0, 9, 1], .internalError),
        ("a lying length", [0, 0xFF, 0xFF, 0xFF, 0xFF, 1], .resourceExhausted),
        ("two messages", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .unimplemented),
        ("a flag of 2", [2, 0, 0, 0, 0], .internalError),
        ("compressed without saying how", [1, 0, 0, 0, 1, 0], .internalError),
        ("no message at all", [0, 0, 0, 0, 2, 0xFF, 0xFF], .invalidArgument),
        ("text that is not UTF-8", [0, 0, 0, 0, 3, 0x0A, 1, 0xFF], .invalidArgument),
    ]

    @Test("what is wrong with a body is told with a status", arguments: wrongBodies.indices)
    func bodies(index: Int) {
        let (what, body, code) = Self.wrongBodies[index]
        for path in [infer, "/tensorflow.serving.PredictionService/Predict", "/grpc.health.v1.Health/Check"] {
            let reply = peer.call(path, body: body)
            #expect(reply.code == code, "\(what) to \(path): \(reply.text)")
        }
    }

    @Test("a message beyond the limit is RESOURCE_EXHAUSTED, however it comes")
    func tooLarge() {
        let reply = peer.call(infer, request(rows: 200_000))
        #expect(reply.code == .resourceExhausted)
        let bomb = ContentEncoder.encode([UInt8](repeating: 0, count: 2 << 20), .gzip) ?? []
        let body = GRPCFramer.prefix(length: bomb.count, isCompressed: true) + bomb
        #expect(peer.call(infer, body: body, [("grpc-encoding", "gzip")]).code == .resourceExhausted)
    }

    @Test("compressed messages are understood, and answered so", arguments: [ContentCoding.gzip, .deflate])
    func compression(coding: ContentCoding) throws {
        let message: [UInt8] = try request(rows: 500).serializedBytes()
        let coded = try #require(ContentEncoder.encode(message, coding))
        let body = GRPCFramer.prefix(length: coded.count, isCompressed: true) + coded
        let reply = peer.call(infer, body: body, [("grpc-encoding", coding.rawValue)])
        #expect(reply.code == .ok)
        #expect(reply.answer.field("grpc-encoding") == coding.rawValue)
        #expect(reply.messages.map(\.isCompressed) == [true])
        let plain = try ContentDecoder.decode(reply.messages[0].bytes, [coding], limit: 1 << 20)
        #expect(try Inference_ModelInferResponse(serializedBytes: plain).rawOutputContents.map(\.count) == [4000])
        // Whoever does not compress gets what is not compressed.
        let plainReply = peer.call(infer, request(rows: 500), [("grpc-encoding", coding.rawValue)])
        #expect(plainReply.messages.map(\.isCompressed) == [false])
    }

    @Test("an encoding that is not understood is UNIMPLEMENTED, with those that are")
    func unknownEncoding() {
        let reply = peer.call(infer, request(), [("grpc-encoding", "snappy")])
        #expect(reply.code == .unimplemented)
        #expect(reply.answer.field("grpc-accept-encoding") == "identity, gzip, deflate")
    }

    // MARK: Access

    @Test("tokens come in the metadata, and roles decide")
    func access() throws {
        let digest = TokenDigest(of: "secret").hexadecimal
        let list = try AccessListParser.parse(setting: "\(digest) infer shop")
        let peer = GRPCPeer(gate: AccessGate(list: list))
        try peer.register("m")
        let live = "/inference.GRPCInferenceService/ServerLive"
        #expect(peer.call(live, Inference_ServerLiveRequest()).code == .ok)
        #expect(peer.call(infer, request()).code == .unauthenticated)
        #expect(peer.call(infer, request(), [("authorization", "Bearer wrong")]).code == .unauthenticated)
        #expect(peer.call(infer, request(), [("authorization", "Bearer secret")]).code == .ok)
        #expect(peer.call(infer, request(), [("x-api-key", "secret")]).code == .ok)
        let unload = "/inference.GRPCInferenceService/RepositoryModelUnload"
        let message = Inference_RepositoryModelUnloadRequest.with { $0.modelName = "m" }
        #expect(peer.call(unload, message, [("x-api-key", "secret")]).code == .permissionDenied)
    }
}
