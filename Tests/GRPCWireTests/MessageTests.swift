import FoundationEssentials
import GRPCMessages
import GRPCWire
import ProtobufWire
import SwiftProtobuf
import Testing

/// The messages that are made by hand, read by swift-protobuf.
@Suite("Messages with tensors")
struct MessageTests {
    private let elements: [Float] = [1, -0.5, .nan, .infinity, 0]

    /// The message of a frame.
    private func message(_ framed: [UInt8]) throws -> [UInt8] {
        Array(framed[try GRPCFramer.only(in: framed.span, limit: 1 << 20).message])
    }

    private var head: InferResponseMessage {
        InferResponseMessage(
            modelName: "m", modelVersion: "3", id: "x", output: "o", datatype: "FP32", shape: [5, 1, 200])
    }

    private func bits(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } }
    }

    @Test("an infer response")
    func inferResponse() throws {
        let response = try Inference_ModelInferResponse(serializedBytes: message(head.framed(elements)))
        #expect([response.modelName, response.modelVersion, response.id] == ["m", "3", "x"])
        #expect(response.outputs.map(\.name) == ["o"])
        #expect(response.outputs.map(\.datatype) == ["FP32"])
        #expect(response.outputs.map(\.shape) == [[5, 1, 200]])
        #expect(response.rawOutputContents.map { Array($0) } == [bits(elements)])
        #expect(
            try Inference_ModelInferResponse(serializedBytes: message(head.framed([1, 2, 3] as [UInt8])))
                .rawOutputContents.map {
                    Array($0)
                } == [[1, 2, 3]])
    }

    @Test("the same in a stream, and an error in its place", arguments: [0, 5, 100_000])
    func stream(count: Int) throws {
        let elements = [Float](repeating: 1.5, count: count)
        let response = try Inference_ModelStreamInferResponse(
            serializedBytes: message(head.framed(elements, inStream: true)))
        #expect(response.errorMessage.isEmpty)
        #expect(response.inferResponse.id == "x")
        #expect(response.inferResponse.rawOutputContents.map { Array($0) } == [bits(elements)])
        let failure = try Inference_ModelStreamInferResponse(
            serializedBytes: message(InferResponseMessage.framed(error: "wrong", id: "x")))
        #expect(failure.errorMessage == "wrong")
        #expect(failure.inferResponse.id == "x")
    }

    @Test("a predict response", arguments: [0, 5, 100_000])
    func predict(count: Int) throws {
        let elements = [Float](repeating: 1.5, count: count)
        let framed = PredictResponseMessage(
            model: .init(name: "m", version: 300, signature: "serving_default"), output: "o", shape: [count, 1]
        ).framed(elements)
        let response = try Tensorflow_Serving_PredictResponse(serializedBytes: message(framed))
        #expect(response.modelSpec.name == "m")
        #expect(response.modelSpec.version.value == 300)
        #expect(response.modelSpec.signatureName == "serving_default")
        let output = try #require(response.outputs["o"])
        #expect(output.dtype == .dtFloat)
        #expect(output.tensorShape.dim.map(\.size) == [Int64(count), 1])
        #expect(output.floatVal == elements)
    }

    @Test("what stands at a request's beginning is known without reading all of it")
    func beginning() throws {
        var request = Inference_ModelInferRequest()
        request.modelName = "m"
        request.modelVersion = "2"
        request.parameters["priority"] = .with { $0.int64Param = 3 }
        request.rawInputContents = [.init(repeating: 7, count: 1000)]
        let bytes: [UInt8] = try request.serializedBytes()
        let found = unsafe Array(bytes.prefix(30)).withUnsafeBytes { unsafe InferRequestMessage(beginningOf: $0) }
        #expect(found.modelName == "m")
        #expect(found.modelVersion == "2")
        #expect(found.parameters == ["priority": .int(3)])
    }

    @Test("a tag of more bytes than 32 bits need is refused, as the library refuses it")
    func longTags() {
        let cases: [(bytes: [UInt8], isRead: Bool)] = [
            ([0xF8, 0x81, 0x80, 0x80, 0x00, 0], true), ([0xF8, 0x81, 0x80, 0x80, 0x80, 0x00, 0], false),
        ]
        for (bytes, isRead) in cases {
            let ours = unsafe bytes.withUnsafeBytes { unsafe try? InferRequestMessage($0) }
            let library = try? Inference_ModelInferRequest(serializedBytes: bytes)
            #expect((ours != nil) == isRead)
            #expect((library != nil) == isRead)
        }
    }

    @Test("a request has no more of anything than the limit")
    func limits() throws {
        var request = Inference_ModelInferRequest()
        request.inputs = Array(repeating: .init(), count: InferRequestMessage.limit)
        let bytes: [UInt8] = try request.serializedBytes()
        let count = try unsafe bytes.withUnsafeBytes { unsafe try InferRequestMessage($0).inputs.count }
        #expect(count == InferRequestMessage.limit)
        #expect(throws: ProtobufError.tooMany("inputs", limit: InferRequestMessage.limit)) {
            try unsafe (bytes + [0x2A, 0]).withUnsafeBytes { unsafe try InferRequestMessage($0) }
        }
    }
}
