import FoundationEssentials
import GRPCMessages
import GRPCWire
import ProtobufWire
import SwiftProtobuf

/// Compares the readers of `GRPCWire` with swift-protobuf.
enum GRPCOracle {
    /// What a reader makes of bytes.
    private enum Reading<Message> {
        case read(Message)
        case refused(ProtobufError)
    }

    /// Whether an entry of a map has a key or a value of another wire type than theirs. The format calls that an unknown field,
    /// which is passed over; swift-protobuf goes on in the middle of it.
    ///
    /// - Parameter within: the fields of messages that have a map, and its number in them.
    private static func hasOddEntry(_ bytes: [UInt8], maps: Set<Int>, within: [Int: Int] = [:]) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            let reader = unsafe ProtobufReader(bytes)
            return fields(of: reader).contains { number, range in
                if maps.contains(number) { return isOdd(reader.inner(range)) }
                guard let map = within[number] else { return false }
                let inner = reader.inner(range)
                return fields(of: inner).contains { $0 == map && isOdd(inner.inner($1)) }
            }
        }
    }

    /// The delimited fields of a message, up to what cannot be read.
    private static func fields(of message: ProtobufReader) -> [(Int, Range<Int>)] {
        var reader = message
        var fields: [(Int, Range<Int>)] = []
        while let field = try? reader.nextField() {
            if field.type == .bytes, let range = try? reader.delimited() {
                fields.append((field.number, range))
            } else if (try? reader.skip(field.type)) == nil {
                break
            }
        }
        return fields
    }

    private static func isOdd(_ entry: ProtobufReader) -> Bool {
        var reader = entry
        while true {
            let start = reader.position
            guard let field = try? reader.nextField() else { return reader.position > start }
            if field.number <= 2, field.type != .bytes { return true }
            guard (try? reader.skip(field.type)) != nil else { return false }
        }
    }

    // MARK: ModelInferRequest

    static func checkInfer(_ bytes: [UInt8], _ input: [UInt8]) throws(FuzzFailure) -> String {
        if hasOddEntry(bytes, maps: [4], within: [5: 4, 6: 2]) { return "infer: odd entry" }
        let oracle = Result { try Inference_ModelInferRequest(serializedBytes: bytes) }
        let ours = unsafe bytes.withUnsafeBytes { bytes -> Reading<Infer> in
            do throws(ProtobufError) { return .read(unsafe try Infer(bytes)) } catch { return .refused(error) }
        }
        switch (ours, oracle) {
        case (.read(let ours), .success(let oracle)):
            guard ours == Infer(oracle) else { throw FuzzFailure("read \(ours)\nnot \(Infer(oracle))", input) }
            return "ok"
        case (.read, .failure(let error)): throw FuzzFailure("the oracle refuses it: \(error)", input)
        case (.refused(let error), .failure): return "infer: \(error)".prefix(40).description
        case (.refused(.tooMany), .success): return "infer: too many"
        case (.refused(let error), .success): throw FuzzFailure("the oracle takes it: \(error)", input)
        }
    }

    /// A request with everything in it, to be compared.
    private struct Infer: Equatable {
        struct Input: Equatable {
            var names: [String]
            var shape: [Int]
            var parameters: [String: InferParameterValue]
            var numbers: [[UInt64]]
        }

        var names: [String]
        var parameters: [String: InferParameterValue]
        var inputs: [Input]
        var outputs: [String]
        var outputParameters: [[String: InferParameterValue]]
        var raw: [[UInt8]]

        init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
            let request = try unsafe InferRequestMessage(bytes)
            names = [request.modelName, request.modelVersion, request.id]
            parameters = request.parameters
            outputs = request.outputs.map(\.name)
            outputParameters = request.outputs.map(\.parameters)
            raw = request.raw.map { unsafe Array(bytes[$0]) }
            inputs = []
            for input in request.inputs {
                var numbers: [[UInt64]] = []
                for (field, encoding) in GRPCOracle.contents {
                    let read = unsafe ProtobufNumbers(bytes, input.contents, field: field, encoding)
                    numbers.append(try GRPCOracle.all(read, bits: field == 1 ? 1 : field == 2 || field == 4 ? 32 : 64))
                }
                inputs.append(
                    Input(
                        names: [input.name, input.datatype], shape: input.shape, parameters: input.parameters,
                        numbers: numbers))
            }
        }

        init(_ request: Inference_ModelInferRequest) {
            names = [request.modelName, request.modelVersion, request.id]
            parameters = request.parameters.mapValues(InferParameterValue.init)
            outputs = request.outputs.map(\.name)
            outputParameters = request.outputs.map { $0.parameters.mapValues(InferParameterValue.init) }
            raw = request.rawInputContents.map { Array($0) }
            inputs = request.inputs.map { input in
                let contents = input.contents
                return Input(
                    names: [input.name, input.datatype], shape: input.shape.map(Int.init),
                    parameters: input.parameters.mapValues(InferParameterValue.init),
                    numbers: [
                        contents.boolContents.map { $0 ? 1 : 0 },
                        contents.intContents.map { UInt64(UInt32(bitPattern: $0)) },
                        contents.int64Contents.map { UInt64(bitPattern: $0) },
                        contents.uintContents.map(UInt64.init), contents.uint64Contents,
                        contents.fp32Contents.map { UInt64($0.bitPattern) }, contents.fp64Contents.map(\.bitPattern),
                    ])
            }
        }
    }

    private static let contents: [(Int, ProtobufNumbers.Encoding)] = [
        (1, .varint), (2, .varint), (3, .varint), (4, .varint), (5, .varint), (6, .fixed32), (7, .fixed64),
    ]

    /// All numbers, which have to be as many as are counted.
    fileprivate static func all(_ numbers: ProtobufNumbers, bits: Int) throws(ProtobufError) -> [UInt64] {
        var values: [UInt64] = []
        try numbers.forEach { value in
            values.append(bits == 1 ? (value == 0 ? 0 : 1) : bits == 32 ? value & 0xFFFF_FFFF : value)
        }
        let count = try numbers.count()
        return count == values.count ? values : [UInt64(count)]
    }

    // MARK: PredictRequest

    static func checkPredict(_ bytes: [UInt8], _ input: [UInt8]) throws(FuzzFailure) -> String {
        if hasOddEntry(bytes, maps: [2]) { return "predict: odd entry" }
        let oracle = Result { try Tensorflow_Serving_PredictRequest(serializedBytes: bytes) }
        let ours = unsafe bytes.withUnsafeBytes { bytes -> Reading<Predict> in
            do throws(ProtobufError) { return .read(unsafe try Predict(bytes)) } catch { return .refused(error) }
        }
        switch (ours, oracle) {
        case (.read(let ours), .success(let oracle)):
            guard ours == Predict(oracle) else { throw FuzzFailure("read \(ours)\nnot \(Predict(oracle))", input) }
            return "ok"
        case (.read, .failure(let error)): throw FuzzFailure("the oracle refuses it: \(error)", input)
        case (.refused(let error), .failure): return "predict: \(error)".prefix(40).description
        case (.refused(.tooMany), .success): return "predict: too many"
        case (.refused(let error), .success): throw FuzzFailure("the oracle takes it: \(error)", input)
        }
    }

    private struct Predict: Equatable {
        struct Tensor: Equatable {
            var dtype: Int
            var shape: [Int]
            var hasUnknownRank: Bool
            var content: [UInt8]
            var numbers: [[UInt64]]
        }

        var model: PredictRequestMessage.Model
        var inputs: [String: Tensor]
        var outputFilter: [String]

        init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
            let request = try unsafe PredictRequestMessage(bytes)
            model = request.model
            outputFilter = request.outputFilter
            inputs = [:]
            for input in request.inputs {
                var numbers: [[UInt64]] = []
                for (field, encoding, bits) in GRPCOracle.values {
                    numbers.append(
                        try GRPCOracle.all(
                            unsafe ProtobufNumbers(bytes, input.pieces, field: field, encoding), bits: bits))
                }
                inputs[input.name] = Tensor(
                    dtype: input.dtype, shape: input.shape, hasUnknownRank: input.hasUnknownRank,
                    content: input.content.map { unsafe Array(bytes[$0]) } ?? [], numbers: numbers)
            }
        }

        init(_ request: Tensorflow_Serving_PredictRequest) {
            let spec = request.modelSpec
            model = PredictRequestMessage.Model(name: spec.name, signature: spec.signatureName)
            switch spec.versionChoice {
            case .version(let version): model.version = Int(version.value)
            case .versionLabel(let label): model.label = label
            case nil: break
            }
            outputFilter = request.outputFilter
            inputs = request.inputs.mapValues { tensor in
                Tensor(
                    dtype: tensor.dtype.rawValue, shape: tensor.tensorShape.dim.map { Int($0.size) },
                    hasUnknownRank: tensor.tensorShape.unknownRank, content: Array(tensor.tensorContent),
                    numbers: [
                        tensor.floatVal.map { UInt64($0.bitPattern) }, tensor.doubleVal.map(\.bitPattern),
                        tensor.intVal.map { UInt64(UInt32(bitPattern: $0)) },
                        tensor.int64Val.map { UInt64(bitPattern: $0) }, tensor.boolVal.map { $0 ? 1 : 0 },
                        tensor.halfVal.map { UInt64(UInt32(bitPattern: $0)) }, tensor.uint32Val.map(UInt64.init),
                        tensor.uint64Val,
                    ])
            }
        }
    }

    private static let values: [(Int, ProtobufNumbers.Encoding, Int)] = [
        (5, .fixed32, 64), (6, .fixed64, 64), (7, .varint, 32), (10, .varint, 64), (11, .varint, 1), (13, .varint, 32),
        (16, .varint, 32), (17, .varint, 64),
    ]
}

extension InferParameterValue {
    fileprivate init(_ parameter: Inference_InferParameter) {
        self =
            switch parameter.parameterChoice {
            case .boolParam(let value): .bool(value)
            case .int64Param(let value): .int(value)
            case .stringParam(let value): .text(value)
            case .doubleParam(let value): .double(value)
            case .uint64Param(let value): .uint(value)
            case nil: .none
            }
    }
}

extension [UInt8] {
    var data: Data { Data(self) }
}
