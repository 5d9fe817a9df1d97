import DenseEngine
import TensorCoding
import Testing

// The forms of `POST /dense`, V1, V2 and hosts' contracts.

private typealias Caller = ProtocolCaller

extension ProtocolForm {
    static let rest = dense + v1 + v2 + v2Types + hosts

    /// A request in JSON, and the member of its answer that holds the numbers.
    private static func json(_ name: String, _ path: String, _ body: String, _ member: String) -> ProtocolForm {
        ProtocolForm(name) { caller in try Caller.bits(json: caller.rest(path, Array(body.utf8)).body, [member]) }
    }

    /// A request of V2 in JSON.
    private static func v2(_ name: String, _ body: String, to path: String = "/v2/models/m/infer") -> ProtocolForm {
        ProtocolForm(name) { caller in
            try Caller.bits(json: caller.rest(path, Array(body.utf8)).body, ["outputs", "0", "data"])
        }
    }

    private static let dense = [
        json("/dense, nested", "/dense", #"{"model":"m","input":\#(Caller.nested)}"#, "output"),
        json(
            "/dense, flat", "/dense", #"{"model":"m","input":{"shape":\#(Caller.shape),"data":\#(Caller.flat)}}"#,
            "output"),
        json(
            "/dense, base64", "/dense", #"{"model":"m","input":{"shape":\#(Caller.shape),"b64":"\#(Caller.base64)"}}"#,
            "output"),
        ProtocolForm("/dense, answered in base64") { caller in
            let body = #"{"model":"m","parameters":{"format":"base64"},"input":\#(Caller.nested)}"#
            let answer = try ConfigValue(json: caller.rest("/dense", Array(body.utf8)).body)
            guard case .object(let object) = answer, case .object(let output)? = object["output"],
                case .string(let text)? = output["b64"], let octets = RawTensor.bytes(base64: text)
            else { return [] }
            return Caller.bits(octets: octets)
        },
        ProtocolForm("/dense, octets") { caller in
            let answer = try caller.rest(
                "/dense?model=m", Caller.octets, type: "application/octet-stream",
                [("x-tensor-shape", "\(Caller.rows),\(Caller.columns)")])
            return Caller.bits(octets: answer.body)
        },
        ProtocolForm("/dense, NumPy") { caller in
            let file = NumPyFile.encode(try Tensor([Caller.rows, Caller.columns], Caller.input))
            let answer = try caller.rest("/dense?model=m", file, type: "application/x-npy")
            return try unsafe answer.body.withUnsafeBytes { unsafe try NumPyFile.decode($0) }.elements.map(\.bitPattern)
        },
    ]

    private static let examples =
        "[" + Caller.rowTexts.map { #"{"input":\#($0)}"# }.joined(separator: ",") + "]"

    private static let v1 = [
        json("V1, rows", "/v1/models/m:predict", #"{"instances":\#(Caller.nested)}"#, "predictions"),
        json("V1, named rows", "/v1/models/m:predict", #"{"instances":\#(examples)}"#, "predictions"),
        json("V1, columns", "/v1/models/m:predict", #"{"inputs":\#(Caller.nested)}"#, "outputs"),
        json(
            "V1, named columns", "/v1/models/m/versions/1:predict", #"{"inputs":{"input":\#(Caller.nested)}}"#,
            "outputs"),
        json("V1, classes", "/v1/models/m:classify", #"{"examples":\#(examples)}"#, "results"),
    ]

    private static func v2Input(_ rest: String, datatype: String = "FP32") -> String {
        #"{"inputs":[{"name":"input","datatype":"\#(datatype)","shape":\#(Caller.shape),\#(rest)}]"#
    }

    private static let binaryHead = Array(
        (v2Input(#""parameters":{"binary_data_size":\#(Caller.octets.count)}"#)
            + #","parameters":{"binary_data_output":true}}"#).utf8)

    /// A binary request, whose answer is binary too.
    private static func binary(
        _ name: String, _ body: [UInt8], header: Int, to path: String = "/v2/models/m/infer"
    ) -> ProtocolForm {
        ProtocolForm(name) { caller in
            let answer = try caller.rest(
                path, body, type: "application/octet-stream", [("inference-header-content-length", "\(header)")])
            let end = try #require(answer.field("inference-header-content-length").flatMap { Int($0) })
            return Caller.bits(octets: answer.body.dropFirst(end))
        }
    }

    private static let v2 = [
        v2("V2, flat", v2Input(#""data":\#(Caller.flat)"#) + "}"),
        v2("V2, nested", v2Input(#""data":\#(Caller.nested)"#) + "}", to: "/v2/models/m/versions/1/infer"),
        binary("V2, binary", binaryHead + Caller.octets, header: binaryHead.count),
        binary("V2, a body without a header", Caller.octets, header: 0),
    ]

    /// Types that hold these numbers exactly.
    private static let v2Types = ["FP64", "FP16", "BF16"].map { datatype in
        v2("V2, \(datatype)", v2Input(#""data":\#(Caller.flat)"#, datatype: datatype) + "}")
    }

    private static let hosts = [
        json("/invocations, rows", "/invocations", #"{"instances":\#(Caller.nested)}"#, "predictions"),
        v2("/invocations, V2", v2Input(#""data":\#(Caller.flat)"#) + "}", to: "/invocations"),
        binary("/invocations, V2 binary", binaryHead + Caller.octets, header: binaryHead.count, to: "/invocations"),
        ProtocolForm("/invocations, SageMaker's binary") { caller in
            let type = "application/vnd.sagemaker-triton.binary+json;json-header-size="
            let answer = try caller.rest(
                "/invocations", binaryHead + Caller.octets, type: type + String(binaryHead.count))
            let end = try #require(answer.field("content-type").flatMap { Int($0.dropFirst(type.count)) })
            return Caller.bits(octets: answer.body.dropFirst(end))
        },
        ProtocolForm("/invocations, octets") { caller in
            let answer = try caller.rest(
                "/invocations", Caller.octets, type: "application/octet-stream",
                [("x-tensor-shape", "\(Caller.rows),\(Caller.columns)")])
            return Caller.bits(octets: answer.body)
        },
    ]
}
