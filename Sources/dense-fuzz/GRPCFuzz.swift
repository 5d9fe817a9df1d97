import GRPCMessages
import GRPCWire
import SwiftProtobuf

/// gRPC's framing and the readers of the messages that carry tensors: whatever the bytes are, messages are found alike however
/// the bytes are cut, and what is read is what swift-protobuf reads.
///
/// The first byte of an input says what the rest is: messages with prefixes, a `ModelInferRequest` or a `PredictRequest`.
package enum GRPCFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(
            name: "grpc", seeds: seeds, tokens: ["model", "input_0", "FP32", "priority", "\u{FF}"],
            byteTokens: byteTokens, check: check)
    }

    private static let limit = 600

    private static let byteTokens: [[UInt8]] = [
        [0, 0, 0, 0, 0], [1, 0, 0, 0, 3], [0, 0, 0, 2, 0x58], [0, 0, 0, 2, 0x59], [0, 0xFF, 0xFF, 0xFF, 0xFF], [2],
        [0x0A, 0], [0x2A, 2], [0x2A, 0], [0x32, 0], [0x3A, 4], [0x3A, 0], [0x22, 6], [0x12, 8], [0x1A, 2], [0x18, 1],
        [0x0B, 0x0C], [0x0C], [0xFB, 7], [0xFC, 7], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x15, 0, 0, 0x80, 0x3F],
        [0x35, 0, 0, 0x80, 0x7F],
        [0x39, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F], [0xC3, 0x28],
    ]

    // MARK: Seeds

    private static let seeds: [[UInt8]] = {
        let infer = inferRequests.compactMap(bytes)
        let predict = predictRequests.compactMap(bytes)
        let frames = (infer + predict).map { GRPCFramer.prefix(length: $0.count) + $0 }
        return frames.map { [0] + $0 } + [[0] + frames.prefix(3).joined(), [0, 1, 0, 0, 0, 2, 7, 7]]
            + infer.map { [1] + $0 } + predict.map { [2] + $0 }
    }()

    /// The same bytes in every process, whatever order its maps are in.
    private static func bytes(_ message: some Message) -> [UInt8]? {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return try? message.serializedBytes(options: options)
    }

    private static var inferRequests: [Inference_ModelInferRequest] {
        let raw = Inference_ModelInferRequest.with { request in
            request.modelName = "model"
            request.modelVersion = "1"
            request.id = "a"
            request.parameters["priority"] = .with { $0.int64Param = 1 }
            request.inputs = [
                .with { input in
                    input.name = "input_0"
                    input.datatype = "FP32"
                    input.shape = [1, 2]
                    input.parameters["x"] = .with { $0.stringParam = "y" }
                }
            ]
            request.outputs = [
                .with { output in
                    output.name = "o"
                    output.parameters["classification"] = .with { $0.uint64Param = 2 }
                    output.parameters["d"] = .with { $0.doubleParam = 0.5 }
                    output.parameters["b"] = .with { $0.boolParam = true }
                }
            ]
            request.rawInputContents = [[0, 0, 0x80, 0x3F, 0, 0, 0, 0x40].data]
        }
        let contents = Inference_InferTensorContents.with { contents in
            contents.boolContents = [true, false]
            contents.intContents = [-1, 1]
            contents.int64Contents = [-2, 1 << 40]
            contents.uintContents = [3]
            contents.uint64Contents = [.max]
            contents.fp32Contents = [0.5, -1]
            contents.fp64Contents = [0.25]
            contents.bytesContents = [[1, 2].data]
        }
        var typed = raw
        typed.rawInputContents = []
        typed.inputs[0].contents = contents
        return [raw, typed, Inference_ModelInferRequest()]
    }

    private static var predictRequests: [Tensorflow_Serving_PredictRequest] {
        let tensor = Tensorflow_TensorProto.with { tensor in
            tensor.dtype = .dtFloat
            tensor.tensorShape.dim = [.with { $0.size = 1 }, .with { $0.size = -1 }]
            tensor.floatVal = [1, 2]
            tensor.halfVal = [15_360]
            tensor.intVal = [-1]
        }
        let named = Tensorflow_Serving_PredictRequest.with { request in
            request.modelSpec.name = "model"
            request.modelSpec.version = 3
            request.modelSpec.signatureName = "serving_default"
            request.inputs["input_0"] = tensor
            request.outputFilter = ["a", "b"]
        }
        var labelled = named
        labelled.modelSpec.versionLabel = "stable"
        labelled.inputs["other"] = .with { $0.tensorContent = [1, 2, 3, 4].data }
        return [named, labelled, Tensorflow_Serving_PredictRequest()]
    }

    // MARK: What has to hold

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        guard let kind = input.first else { return "empty" }
        let bytes = Array(input.dropFirst())
        switch kind % 3 {
        case 0: return try checkFrames(bytes, input)
        case 1: return try GRPCOracle.checkInfer(bytes, input)
        default: return try GRPCOracle.checkPredict(bytes, input)
        }
    }

    /// Whole, and cut at every place that the bytes themselves say.
    private static func checkFrames(_ bytes: [UInt8], _ input: [UInt8]) throws(FuzzFailure) -> String {
        let whole = frames([bytes])
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while let first = rest.first {
            let count = min(rest.count, Int(first % 7) + 1)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        guard frames(pieces) == whole else { throw FuzzFailure("cut up it is something else", input) }
        guard whole.messages.allSatisfy({ $0.count <= limit }) else { throw FuzzFailure("a message too long", input) }
        let only = try? GRPCFramer.only(in: bytes.span, limit: limit)
        let isOne = whole.error == nil && !whole.isInside && whole.messages.count == 1
        guard (only != nil) == isOne else { throw FuzzFailure("one message is not found to be one", input) }
        return whole.error.map { "frames: \($0)".prefix(28).description } ?? (whole.isInside ? "frames: partial" : "ok")
    }

    private struct Frames: Equatable {
        var messages: [[UInt8]] = []
        var error: GRPCFrameError?
        var isInside = false
    }

    private static func frames(_ pieces: [[UInt8]]) -> Frames {
        var framer = GRPCFramer(limit: limit)
        var frames = Frames()
        var message: [UInt8] = []
        do throws(GRPCFrameError) {
            for piece in pieces {
                var position = 0
                while let event = try framer.next(piece.span, at: &position) {
                    switch event {
                    case .begin(_, let isCompressed): message = isCompressed ? [1] : [0]
                    case .bytes(let range): message += piece[range]
                    case .end: frames.messages.append(Array(message.dropFirst()))
                    }
                }
            }
        } catch { frames.error = error }
        frames.isInside = framer.isInside
        return frames
    }
}
