import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("One model behind all protocols")
struct ProtocolBitsTests {
    /// Two layers whose sums are not exact, so that another order of additions would show.
    private static let model: String = {
        func matrix(_ rows: Int, _ columns: Int) -> String {
            "["
                + (0..<rows).map { row in
                    "[" + (0..<columns).map { "\(Double((row * 31 + $0 * 17) % 23) / 7 - 1.5)" }.joined(separator: ",")
                        + "]"
                }.joined(separator: ",") + "]"
        }
        func bias(_ count: Int) -> String { "[" + (0..<count).map { "\(Double($0) / 3)" }.joined(separator: ",") + "]" }
        return
            #"{"layers":[{"layer":{"units":40,"activation":"tanh"},"weights":{"kernel":\#(matrix(300, 40)),"bias":\#(bias(40))}},"#
            + #"{"layer":{"units":5,"name":"out","activation":"softmax"},"weights":{"kernel":\#(matrix(40, 5)),"bias":\#(bias(5))}}]}"#
    }()

    private static let rows = 3
    private static let input = (0..<rows * 300).map { Float($0 % 29) / 8 - 1.75 }

    private static func octets(_ numbers: [Float]) -> [UInt8] { unsafe numbers.withUnsafeBytes { unsafe Array($0) } }

    private static func bits(_ octets: some Collection<UInt8>) -> [UInt32] {
        let bytes = Array(octets)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
    }

    /// The numbers of an answer in JSON, wherever they stand.
    private static func bits(_ value: ConfigValue?) -> [UInt32] {
        switch value {
        case .array(let elements): elements.flatMap { bits($0) }
        case .double(let number): [Float(number).bitPattern]
        case .int(let number): [Float(number).bitPattern]
        default: []
        }
    }

    @Test("the same tensor gives the same bits by every protocol and form")
    func bits() throws {
        let server = try TestServer()
        try server.register("m", Self.model)
        let flat = "[" + Self.input.map { "\($0)" }.joined(separator: ",") + "]"
        let nested =
            "["
            + (0..<Self.rows).map { row in
                "[" + Self.input[row * 300..<(row + 1) * 300].map { "\($0)" }.joined(separator: ",") + "]"
            }.joined(separator: ",") + "]"
        let octets = Self.octets(Self.input)
        let base64 = V2Tests.base64(octets)
        let expected = try Self.bits(
            server.dense(#"{"model":"m","input":\#(nested)}"#).json["output"])
        #expect(expected.count == Self.rows * 5)

        func json(_ path: String, _ body: String, _ member: String...) throws -> [UInt32] {
            let response = try server.request("POST", path, body: body)
            #expect(response.status == 200, "\(path): \(response.text.prefix(300))")
            var value: ConfigValue? = .object(try response.json)
            for name in member {
                switch value {
                case .object(let object)?: value = object[name]
                case .array(let elements)?: value = elements.first
                default: break
                }
            }
            return Self.bits(value)
        }
        let shape = "[\(Self.rows),300]"
        let head = { (rest: String) in
            #"{"inputs":[{"name":"input","datatype":"FP32","shape":\#(shape),\#(rest)}]"#
        }
        let binaryHead =
            head(#""parameters":{"binary_data_size":\#(octets.count)}"#)
            + #","parameters":{"binary_data_output":true}}"#
        #expect(try json("/dense", #"{"model":"m","input":{"shape":\#(shape),"data":\#(flat)}}"#, "output") == expected)
        #expect(
            try json("/dense", #"{"model":"m","input":{"shape":\#(shape),"b64":"\#(base64)"}}"#, "output") == expected)
        let raw = try server.client().request(
            "POST", "/dense?model=m",
            headers: ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "\(Self.rows),300"], body: octets)
        #expect(Self.bits(raw.body) == expected)
        #expect(try json("/v1/models/m:predict", #"{"instances":\#(nested)}"#, "predictions") == expected)
        #expect(try json("/v1/models/m:predict", #"{"inputs":{"input":\#(nested)}}"#, "outputs") == expected)
        #expect(try json("/v2/models/m/infer", head(#""data":\#(flat)"#) + "}", "outputs", "0", "data") == expected)
        #expect(try json("/v2/models/m/infer", head(#""data":\#(nested)"#) + "}", "outputs", "0", "data") == expected)
        #expect(try json("/invocations", #"{"instances":\#(nested)}"#, "predictions") == expected)
        for (body, length) in [(Array(binaryHead.utf8) + octets, binaryHead.utf8.count), (octets, 0)] {
            let response = try server.client().request(
                "POST", "/v2/models/m/infer", headers: ["Inference-Header-Content-Length": "\(length)"], body: body)
            #expect(response.status == 200, "\(response.text.prefix(300))")
            let end = try #require(response["Inference-Header-Content-Length"].flatMap { Int($0) })
            #expect(Self.bits(response.body[end...]) == expected)
        }
        // Types that hold these numbers exactly.
        for datatype in ["FP64", "FP16", "BF16"] {
            let body = #"{"inputs":[{"name":"input","datatype":"\#(datatype)","shape":\#(shape),"data":\#(flat)}]}"#
            #expect(try json("/v2/models/m/infer", body, "outputs", "0", "data") == expected, "\(datatype)")
        }
    }
}
