import DenseEngine
import FoundationEssentials
import GRPCMessages
import ModelStore
import SwiftProtobuf
import Testing

/// Tensors that are used where they lie in a request's body, wherever that is.
@Suite("Large tensors of all protocols")
struct LargeTensorTests {
    private static let rows = 10_000
    private static let numbers = (0..<2 * rows).map { Float($0 % 1013) / 7 - 50 }
    private static let octets = unsafe numbers.withUnsafeBytes { unsafe Array($0) }

    private let peer: GRPCPeer
    private let expected: [UInt32]

    init() throws {
        peer = GRPCPeer()
        try peer.register("m")
        expected = try peer.models.lookup("m").network(Tensor([Self.rows, 2], Self.numbers)).output.elements
            .map(\.bitPattern)
    }

    @Test("a binary V2 request, after heads of every length", arguments: 0..<16)
    func v2(spaces: Int) throws {
        let head =
            #"{"inputs":[{"name":"input","datatype":"FP32","shape":[\#(Self.rows),2],"parameters":{"binary_data_size":"#
            + #"\#(Self.octets.count)}}],"parameters":{"binary_data_output":true}}"#
            + String(repeating: " ", count: spaces)
        let stream = peer.begin(
            "/v2/models/m/infer", [("inference-header-content-length", "\(head.utf8.count)")],
            type: "application/octet-stream")
        peer.data(stream, Array(head.utf8) + Self.octets, end: true)
        let answer = peer.reply(stream).answer
        #expect(answer.status == 200, "\(answer.text.prefix(200))")
        let end = try #require(answer.field("inference-header-content-length").flatMap { Int($0) })
        #expect(ProtocolCaller.bits(octets: answer.body.dropFirst(end)) == expected)
    }

    @Test("ModelInfer, after heads of every length, and a stream of them", arguments: 0..<16)
    func modelInfer(length: Int) throws {
        let request = Inference_ModelInferRequest.with { request in
            request.modelName = "m"
            request.id = String(repeating: "x", count: length)
            request.inputs = [
                .with { input in
                    input.name = "input"
                    input.datatype = "FP32"
                    input.shape = [Int64(Self.rows), 2]
                }
            ]
            request.rawInputContents = [Data(Self.octets)]
        }
        let response: Inference_ModelInferResponse = try peer.call(
            "/inference.GRPCInferenceService/ModelInfer", request
        ).message()
        #expect(ProtocolCaller.bits(octets: response.rawOutputContents.first ?? Data()) == expected)
        let stream = peer.begin("/inference.GRPCInferenceService/ModelStreamInfer")
        peer.data(stream, GRPCPeer.framed(request) + GRPCPeer.framed(request), end: true)
        for message in peer.reply(stream).messages {
            let response = try Inference_ModelStreamInferResponse(serializedBytes: message.bytes).inferResponse
            #expect(ProtocolCaller.bits(octets: response.rawOutputContents.first ?? Data()) == expected)
        }
    }
}
