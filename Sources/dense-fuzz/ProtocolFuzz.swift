import DenseEngine
import DenseService
import HTTPServer
import Locks
import Logging
import ModelStore
import TensorCoding

/// The decoders of the Open Inference Protocol and of TensorFlow Serving's REST API, with the service around them: every
/// request is answered, never as the server's own fault, and errors have the protocol's form.
package enum ProtocolFuzz {
    package static var v1: FuzzTarget {
        FuzzTarget(name: "v1", seeds: v1Seeds, tokens: tokens + v1Tokens, check: checkV1)
    }

    package static var v2: FuzzTarget {
        FuzzTarget(
            name: "v2", seeds: v2Seeds, tokens: tokens + v2Tokens,
            byteTokens: [[0, 0, 0x80, 0x3F], [0, 0, 0xC0, 0x7F], [0, 0, 0, 0]], check: checkV2, repair: repairV2)
    }

    private static let service: Service = {
        let models = ModelRegistry(maximumBytes: 1 << 24)
        let documents = [
            ("m", #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[10,1],[0,1]],"bias":[0,0]}}]}"#),
            ("one", #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1],[1]],"bias":[0.5]}}]}"#),
        ]
        for (name, json) in documents {
            guard let document = try? ModelDocument(json: Array(json.utf8)),
                (try? models.register(name, document)) != nil
            else { preconditionFailure("The model '\(name)' is broken.") }
        }
        let service = Service(
            configuration: ServiceConfiguration(), models: models,
            workers: WorkerQueue(width: 1, maximumRequests: 64, maximumBytes: 1 << 26),
            logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
        service.setReady()
        return service
    }()

    // MARK: Requests

    /// Answers a request on this thread: no input is long enough for a worker.
    private static func answer(
        _ path: String, _ fields: String, _ body: [UInt8], _ input: [UInt8]
    ) throws(FuzzFailure) -> HTTPResponse {
        let head = "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.count)\r\n\r\n"
        guard let request = try? HTTPRequest(parsing: Array(head.utf8) + body) else {
            throw FuzzFailure("the request itself is wrong", input)
        }
        let answered = Lock<HTTPResponse?>(nil)
        let responder = HTTPResponder { response in answered.withLock { $0 = response } }
        service.handle(request, responder)
        for _ in 0..<1_000_000 {
            if let response = answered.withLock({ $0 }) { return response }
        }
        throw FuzzFailure("it was not answered", input)
    }

    /// Checks an answer's form, and says what became of the request.
    private static func outcome(_ response: HTTPResponse, _ input: [UInt8]) throws(FuzzFailure) -> String {
        let status = response.status.code
        guard status == 200 || (400..<500).contains(status) || status == 501 || status == 504 else {
            throw FuzzFailure("it was answered with \(status)", input)
        }
        if status == 200 { return "ok" }
        guard case .object(let body)? = try? ConfigValue(json: response.body), body.members.count == 1,
            case .string(let text)? = body["error"], !text.isEmpty
        else { throw FuzzFailure("the error has another form", input) }
        // Texts name values; their beginnings are what there are few of.
        return "\(status) " + text.prefix(24).filter { !$0.isNumber }
    }

    // MARK: V1

    private static func checkV1(_ input: [UInt8]) throws(FuzzFailure) -> String {
        var worst = ""
        for path in ["/v1/models/m:predict", "/v1/models/m:classify", "/v1/models/one:regress"] {
            let response = try answer(path, "", input, input)
            let outcome = try outcome(response, input)
            if outcome == "ok" {
                guard case .object(let body)? = try? ConfigValue(json: response.body, allowsNonFinite: true),
                    let name = body.members.first?.name,
                    ["predictions", "outputs", "results"].contains(name)
                else { throw FuzzFailure("the answer has another form", input) }
                return "ok"
            }
            if worst.isEmpty { worst = outcome }
        }
        return worst
    }

    private static let v1Seeds = [
        #"{"instances":[[1,2],[3,4]]}"#, #"{"instances":[{"input":[1,2]}]}"#, #"{"inputs":{"input":[[1,2]]}}"#,
        #"{"signature_name":"serving_default","inputs":[[NaN,-Infinity]]}"#,
        #"{"examples":[{"input":[1,2]},{"input":[3,4]}]}"#, #"{"context":{"input":[1,2]},"examples":[{},{}]}"#,
        #"{"instances":[{"b64":"AAAA"}]}"#, #"{"instances":[[[1,2]]]}"#, "",
    ].map { Array($0.utf8) }

    private static let v1Tokens = [
        "\"instances\":", "\"inputs\":", "\"input\":", "\"examples\":", "\"context\":", "\"signature_name\":",
        "\"serving_default\"", "\"b64\":",
    ]

    // MARK: V2

    /// An input is the header's value, a line's end, and the body. Without a value there is no header.
    private static func split(_ input: [UInt8]) -> (header: String, body: [UInt8]) {
        let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
        let header = String(decoding: input[..<end].filter { (0x21..<0x7F).contains($0) }, as: UTF8.self)
        return (header, Array(input[min(end + 1, input.endIndex)...]))
    }

    private static func checkV2(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let (header, body) = split(input)
        let fields = header.isEmpty ? "" : "Inference-Header-Content-Length: \(header)\r\n"
        let response = try answer("/v2/models/m/infer", fields, body, input)
        let outcome = try outcome(response, input)
        guard outcome == "ok" else { return outcome }
        var json = response.body
        var binary = 0
        if let length = response.headers.first(where: { $0.name == "Inference-Header-Content-Length" }) {
            guard let length = Int(length.value), length <= json.count else {
                throw FuzzFailure("the answer's header lies", input)
            }
            binary = json.count - length
            json = Array(json[..<length])
        }
        guard case .object(let answer)? = try? ConfigValue(json: json, allowsNonFinite: true),
            case .array(let outputs)? = answer["outputs"], case .object(let output)? = outputs.first,
            case .array(let shape)? = output["shape"]
        else { throw FuzzFailure("the answer has another form", input) }
        let count = shape.reduce(1) { product, size in
            if case .int(let size) = size { product * size } else { product }
        }
        if case .array(let data)? = output["data"] {
            guard data.count == count else { throw FuzzFailure("the answer's data do not fit its shape", input) }
            return "ok"
        }
        guard output["datatype"] == .string("BYTES") || binary == 4 * count else {
            throw FuzzFailure("the answer's octets do not fit its shape", input)
        }
        return "ok"
    }

    /// Lets the header point at the end of the JSON, as far as that can be seen.
    private static func repairV2(_ input: [UInt8]) -> [UInt8] {
        let (header, body) = split(input)
        guard !header.isEmpty, let end = body.lastIndex(of: UInt8(ascii: "}")) else { return input }
        return Array("\(end + 1)\n".utf8) + body
    }

    private static let v2Seeds: [[UInt8]] = {
        let head = #"{"name":"input","datatype":"FP32","shape":[1,2]"#
        let texts = [
            #"{"inputs":[\#(head),"data":[1,2]}]}"#,
            #"{"inputs":[\#(head),"data":[[1,2]]}],"outputs":[{"name":"dense"}]}"#,
            #"{"id":"7","parameters":{"priority":1,"timeout":100000000,"binary_data_output":true},"inputs":[\#(head),"data":[1,2]}]}"#,
            #"{"inputs":[\#(head),"data":[1,2]}],"outputs":[{"name":"dense","parameters":{"classification":1,"binary_data":true}}]}"#,
            #"{"inputs":[{"data":[true,false],"shape":[1,2],"datatype":"BOOL","name":"input"}]}"#,
            #"{"inputs":[{"data":[1,-2],"shape":[1,2],"datatype":"INT64","name":"input"}]}"#,
            #"{"inputs":[{"data":[18446744073709551615,2],"shape":[1,2],"datatype":"UINT64","name":"input"}]}"#,
            #"{"inputs":[{"data":[1.5,2],"shape":[1,2],"datatype":"FP64","name":"input"}]}"#,
            #"{"inputs":[{"data":[1.5,2],"shape":[1,2],"datatype":"FP16","name":"input"}]}"#,
            #"{"inputs":[{"data":["a","b"],"shape":[1,2],"datatype":"BYTES","name":"input"}]}"#,
            #"{"inputs":[\#(head),"parameters":{"shared_memory_region":"a"}}]}"#, "",
        ]
        var seeds = texts.map { Array("\n\($0)".utf8) }
        let octets: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
        for (datatype, count) in [("FP32", 8), ("INT16", 4), ("BF16", 4), ("UINT8", 2)] {
            let text =
                #"{"inputs":[{"name":"input","datatype":"\#(datatype)","shape":[1,2],"parameters":{"binary_data_size":\#(count)}}]}"#
            seeds.append(Array("\(text.utf8.count)\n\(text)".utf8) + octets.prefix(count))
        }
        seeds.append(Array("0\n".utf8) + octets)
        return seeds
    }()

    private static let v2Tokens = [
        "\"inputs\":", "\"outputs\":", "\"name\":", "\"input\"", "\"dense\"", "\"datatype\":", "\"shape\":",
        "\"data\":",
        "\"parameters\":", "\"binary_data_size\":", "\"binary_data\":true", "\"classification\":", "\"id\":",
        "\"priority\":",
        "\"timeout\":", "\"binary_data_output\":true", "\"FP32\"", "\"FP64\"", "\"FP16\"", "\"BF16\"", "\"UINT8\"",
        "\"INT32\"",
        "\"UINT64\"", "\"BOOL\"", "\"BYTES\"", "\"shared_memory_region\":", "\"triton_x\":",
    ]

    private static let tokens = [
        "[", "]", "{", "}", ",", ":", "\"", "[]", "{}", "null", "true", "false", "NaN", "-Infinity", "1e39", "1e309",
        "-1", "0", "256", "9223372036854775807", "9223372036854775808", "18446744073709551616", "4611686018427387904",
        "1.5", "[[", "]]", "],[", "\\u0000", "\\ud800", " ", "\n",
    ]
}
