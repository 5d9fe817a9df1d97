import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("The Open Inference Protocol")
struct V2Tests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        try server.register("m")
    }

    // MARK: Support

    private func infer(
        _ body: String, binary: [UInt8] = [], headers: [String: String] = [:], path: String = "/v2/models/m/infer"
    ) throws -> HTTPClient.Response {
        var headers = headers
        if !binary.isEmpty, headers.isEmpty {
            headers["Inference-Header-Content-Length"] = String(body.utf8.count)
        }
        return try server.client().request("POST", path, headers: headers, body: Array(body.utf8) + binary)
    }

    private func input(_ rest: String) -> String { #"{"inputs":[{"name":"input",\#(rest)}]}"# }

    /// Little-endian, by the size of the type.
    private static func octets<Number: BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] {
        unsafe numbers.withUnsafeBytes { unsafe Array($0) }
    }

    /// `Dense(2)` over [1, 2]: ten times the first, and the sum.
    private static let answer =
        #"{"model_name":"m","model_version":"1","outputs":[{"name":"dense","datatype":"FP32","shape":[1,2],"data":[10.0,3.0]}]}"#

    // MARK: The server and its models

    @Test("the server, its health and its models tell of themselves")
    func metadata() throws {
        #expect(try server.request("GET", "/v2").json["name"] == .string("dense-serve"))
        #expect(try server.request("GET", "/v2/health/live").text == #"{"live":true}"#)
        #expect(try server.request("GET", "/v2/health/ready").text == #"{"ready":true}"#)
        #expect(try server.request("GET", "/v2/models").text == #"{"models":["m"]}"#)
        #expect(
            try server.request("GET", "/v2/models/m").text
                == #"{"name":"m","versions":["1"],"platform":"keras","inputs":[{"name":"input","datatype":"FP32","shape":[-1,2]}],"#
                + #""outputs":[{"name":"dense","datatype":"FP32","shape":[-1,2]}]}"#)
        #expect(try server.request("GET", "/v2/models/m/versions/1/ready").text == #"{"name":"m","ready":true}"#)
        let configuration = try server.request("GET", "/v2/models/m/config").json
        #expect(configuration["max_batch_size"] == .int(64))
        #expect(
            configuration["input"]
                == .array([
                    .object(["name": .string("input"), "data_type": .string("TYPE_FP32"), "dims": .array([.int(2)])])
                ]))
    }

    @Test("a model is called by the names of its Keras layers")
    func layerNames() throws {
        try server.register(
            "named",
            #"{"layers":[{"layer":{"class_name":"InputLayer","config":{"batch_shape":[null,2],"name":"pixels"}}},"#
                + #"{"layer":{"units":1,"name":"score"},"weights":{"kernel":[[1],[1]],"bias":[0]}}]}"#)
        let response = try infer(
            #"{"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"score"}]}"#,
            path: "/v2/models/named/infer")
        #expect(response.status == 200)
        let wrong = try infer(input(#""datatype":"FP32","shape":[1,2],"data":[1,2]"#), path: "/v2/models/named/infer")
        #expect(wrong.status == 400)
        #expect(wrong.error.contains("Expected 'pixels', received 'input'"))
    }

    @Test("starting and draining servers are not ready")
    func readiness() throws {
        let starting = try TestServer(ready: false)
        try starting.register("m")
        #expect(try starting.request("GET", "/v2/health/live").status == 200)
        #expect(try starting.request("GET", "/v2/health/ready").status == 503)
        #expect(try starting.request("GET", "/v2/models/m/ready").status == 503)
        server.service.beginDraining()
        #expect(try server.request("GET", "/v2/health/ready").status == 503)
    }

    // MARK: Infer

    @Test(
        "data come flat or nested, and members in any order",
        arguments: [
            #""datatype":"FP32","shape":[1,2],"data":[1,2]"#, #""datatype":"FP32","shape":[1,2],"data":[[1,2]]"#,
            #""data":[1,2],"shape":[1,2],"datatype":"FP32""#, #""data":[[1.0,2e0]],"datatype":"FP64","shape":[1,2]"#,
            #""shape":[1,2],"parameters":{"of":"others"},"data":[1,2],"datatype":"FP16","extra":{}"#,
        ])
    func data(rest: String) throws {
        let response = try infer(input(rest))
        #expect(response.status == 200)
        #expect(response.text == Self.answer)
        #expect(response["Content-Type"] == "application/json")
        #expect(response["Dense-Batch"] == "rows=1, requests=1")
    }

    @Test("every datatype of numbers is taken, in JSON and in binary")
    func datatypes() throws {
        let table: [(datatype: String, json: String, octets: [UInt8])] = [
            ("UINT8", "[1,2]", [1, 2]), ("INT8", "[1,2]", [1, 2]),
            ("UINT16", "[1,2]", Self.octets([1, 2] as [UInt16])), ("INT16", "[1,2]", Self.octets([1, 2] as [Int16])),
            ("UINT32", "[1,2]", Self.octets([1, 2] as [UInt32])), ("INT32", "[1,2]", Self.octets([1, 2] as [Int32])),
            ("UINT64", "[1,2]", Self.octets([1, 2] as [UInt64])), ("INT64", "[1,2]", Self.octets([1, 2] as [Int64])),
            ("FP16", "[1,2]", Self.octets([0x3C00, 0x4000] as [UInt16])),
            ("BF16", "[1,2]", Self.octets([0x3F80, 0x4000] as [UInt16])),
            ("FP32", "[1,2]", Self.octets([1, 2] as [Float])), ("FP64", "[1,2]", Self.octets([1, 2] as [Double])),
        ]
        for (datatype, json, octets) in table {
            let text = try infer(input(#""datatype":"\#(datatype)","shape":[1,2],"data":\#(json)"#))
            #expect(text.text == Self.answer, "\(datatype)")
            let binary = try infer(
                input(
                    #""datatype":"\#(datatype)","shape":[1,2],"parameters":{"binary_data_size":\#(octets.count)}"#),
                binary: octets)
            #expect(binary.text == Self.answer, "\(datatype)")
        }
        let flags = try infer(input(#""datatype":"BOOL","shape":[1,2],"data":[true,false]"#))
        #expect(flags.text.contains(#""data":[10.0,1.0]"#))
        let bytes = try infer(
            input(#""datatype":"BOOL","shape":[1,2],"parameters":{"binary_data_size":2}"#), binary: [7, 0])
        #expect(bytes.text == flags.text)
    }

    @Test("an answer is binary when the request or an output says so")
    func binaryAnswers() throws {
        let inputs = #""inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]"#
        for body in [
            #"{\#(inputs),"parameters":{"binary_data_output":true}}"#,
            #"{\#(inputs),"outputs":[{"name":"dense","parameters":{"binary_data":true}}]}"#,
        ] {
            let response = try infer(body)
            #expect(response["Content-Type"] == "application/octet-stream")
            let length = try #require(response["Inference-Header-Content-Length"].flatMap { Int($0) })
            #expect(
                String(decoding: response.body[..<length], as: UTF8.self).contains(
                    #""parameters":{"binary_data_size":8}"#))
            #expect(Array(response.body[length...]) == Self.octets([10, 3] as [Float]))
        }
        // What is asked for by name goes by what is said there.
        let response = try infer(#"{\#(inputs),"parameters":{"binary_data_output":true},"outputs":[{"name":"dense"}]}"#)
        #expect(response["Content-Type"] == "application/json")
    }

    @Test("a body that is nothing but the tensor is taken, and its rows counted")
    func raw() throws {
        let response = try server.client().request(
            "POST", "/v2/models/m/infer", headers: ["Inference-Header-Content-Length": "0"],
            body: Self.octets([1, 2, 3, 4] as [Float]))
        let length = try #require(response["Inference-Header-Content-Length"].flatMap { Int($0) })
        #expect(Array(response.body[length...]) == Self.octets([10, 3, 30, 7] as [Float]))
        #expect(String(decoding: response.body[..<length], as: UTF8.self).contains(#""shape":[2,2]"#))
        let short = try server.client().request(
            "POST", "/v2/models/m/infer", headers: ["Inference-Header-Content-Length": "0"], body: [1, 2, 3])
        #expect(short.status == 400)
        #expect(short.error.contains("a multiple of 8 bytes, received 3"))
    }

    @Test("SageMaker's media type says where the JSON ends, both ways")
    func sageMaker() throws {
        let head =
            #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}],"#
            + #""parameters":{"binary_data_output":true}}"#
        let type = "application/vnd.sagemaker-triton.binary+json;json-header-size="
        for path in ["/invocations", "/v2/models/m/infer"] {
            let response = try infer(
                head, binary: Self.octets([1, 2] as [Float]), headers: ["Content-Type": type + "\(head.utf8.count)"],
                path: path)
            #expect(response.status == 200)
            let length = try #require(response["Content-Type"]?.split(separator: "=").last.flatMap { Int($0) })
            #expect(response["Content-Type"] == type + "\(length)")
            #expect(Array(response.body[length...]) == Self.octets([10, 3] as [Float]))
        }
    }

    @Test("an id is echoed, and a version chosen")
    func idAndVersion() throws {
        try server.register(
            "m", #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[1,0],[0,1]],"bias":[0,0]}}]}"#)
        let body = #"{"id":"a \"b\"","inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]}"#
        let first = try infer(body, path: "/v2/models/m/versions/1/infer")
        #expect(first.text.hasPrefix(#"{"id":"a \"b\"","model_name":"m","model_version":"1","#))
        let newest = try infer(body)
        #expect(newest.text.contains(#""model_version":"2""#))
        #expect(newest.text.contains(#""data":[1.0,2.0]"#))
        #expect(try infer(body, path: "/v2/models/m/versions/7/infer").status == 404)
    }

    @Test("classification gives the largest values of each row with their places")
    func classification() throws {
        let inputs = #""inputs":[{"name":"input","datatype":"FP32","shape":[2,2],"data":[1,2,0,5]}]"#
        let response = try infer(
            #"{\#(inputs),"outputs":[{"name":"dense","parameters":{"classification":1}}]}"#)
        #expect(
            response.text.hasSuffix(
                #""datatype":"BYTES","shape":[2,1],"data":["10.0:0","5.0:1"]}]}"#), "\(response.text)")
        let all = try infer(#"{\#(inputs),"outputs":[{"name":"dense","parameters":{"classification":9}}]}"#)
        #expect(all.text.contains(#""shape":[2,2],"data":["10.0:0","3.0:1","5.0:1","0.0:0"]"#), "\(all.text)")
        let binary = try infer(
            #"{\#(inputs),"outputs":[{"name":"dense","parameters":{"classification":1,"binary_data":true}}]}"#)
        let length = try #require(binary["Inference-Header-Content-Length"].flatMap { Int($0) })
        #expect(
            Array(binary.body[length...]) == [6, 0, 0, 0] + Array("10.0:0".utf8) + [5, 0, 0, 0] + Array("5.0:1".utf8))
    }

    @Test("NaN and infinities are read and written as Triton does")
    func nonFinite() throws {
        let response = try infer(input(#""datatype":"FP32","shape":[1,2],"data":[NaN,1]"#))
        #expect(response.text.contains(#""data":[NaN,NaN]"#), "\(response.text)")
    }

    @Test("a timeout of the request's own that has passed is a 504, a priority is taken")
    func schedule() throws {
        let inputs = #""inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]"#
        #expect(try infer(#"{"parameters":{"priority":1,"timeout":60000000},\#(inputs)}"#).status == 200)
        #expect(try infer(#"{"parameters":{"priority":0,"timeout":0},\#(inputs)}"#).status == 200)
        #expect(try infer(#"{"parameters":{"priority":18446744073709551615},\#(inputs)}"#).status == 400)
        #expect(try infer(#"{"parameters":{"timeout":1},\#(inputs)}"#).status == 504)
    }

    // MARK: Statistics

    @Test("statistics count what was computed, by every protocol, and what failed")
    func statistics() throws {
        #expect(
            try server.request("GET", "/v2/models/m/stats").text.contains(#""last_inference":0,"inference_count":0"#))
        #expect(try infer(input(#""datatype":"FP32","shape":[3,2],"data":[1,2,3,4,5,6]"#)).status == 200)
        #expect(try server.dense(#"{"model":"m","input":[[1,2]]}"#).status == 200)
        #expect(try infer(input(#""datatype":"FP32","shape":[1,3],"data":[1,2,3]"#)).status == 400)
        let all = try server.request("GET", "/v2/models/stats").json
        guard case .array(let list)? = all["model_stats"], case .object(let model)? = list.first else {
            Issue.record("no statistics")
            return
        }
        #expect(list.count == 1)
        #expect(model["inference_count"] == .int(4))
        #expect(model["execution_count"] == .int(2))
        guard case .int(let last)? = model["last_inference"] else { return }
        #expect(last > 1_700_000_000_000)
        guard case .object(let counts)? = model["inference_stats"] else { return }
        for (name, count) in [
            ("success", 2), ("fail", 1), ("queue", 2), ("compute_input", 2), ("compute_infer", 2),
            ("compute_output", 2),
            ("cache_hit", 0),
        ] {
            guard case .object(let duration)? = counts[name], case .int(let nanoseconds)? = duration["ns"] else {
                continue
            }
            #expect(duration["count"] == .int(count), "\(name)")
            #expect((nanoseconds > 0) == (count > 0 && name != "queue") || name == "queue", "\(name)")
        }
        guard case .array(let batches)? = model["batch_stats"] else { return }
        #expect(
            batches.map { batch -> ConfigValue? in
                guard case .object(let batch) = batch else { return nil }
                return batch["batch_size"]
            } == [.int(1), .int(3)])
        #expect(try server.request("GET", "/v2/models/m/versions/1/stats").status == 200)
        #expect(try server.request("GET", "/v2/models/x/stats").status == 404)
    }

    // MARK: The repository

    @Test("a model is loaded from a file in base64, listed, and unloaded")
    func repository() throws {
        let file = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[3]],"bias":[0]}}]}"#
        let load =
            #"{"parameters":{"config":"{\"max_batch_size\":8,\"dynamic_batching\":{\"max_queue_delay_microseconds\":100}}","#
            + #""file:1/model.json":"\#(Self.base64(Array(file.utf8)))"}}"#
        let response = try server.request("POST", "/v2/repository/models/new/load", body: load)
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(
            try server.request("POST", "/v2/repository/index", body: #"{"ready":true}"#).text
                == #"[{"name":"m","version":"1","state":"READY"},{"name":"new","version":"1","state":"READY"}]"#)
        #expect(try server.request("GET", "/v2/models/new/config").json["max_batch_size"] == .int(8))
        #expect(
            try server.request(
                "POST", "/v2/repository/models/new/unload", body: #"{"parameters":{"unload_dependents":true}}"#
            ).status == 200)
        #expect(try server.request("GET", "/v2/models/new").status == 404)
        #expect(try server.request("POST", "/v2/repository/models/new/unload", body: "").status == 200)
        // One that is there stays as it is.
        #expect(try server.request("POST", "/v2/repository/models/m/load", body: "{}").status == 200)
    }

    @Test(
        "what cannot be loaded says why",
        arguments: [
            ("{}", "there is no model file of this name"), (#"{"parameters":{"config":"{"}}"#, "'config' is not JSON"),
            (#"{"parameters":{"file:1/model.keras":"!!"}}"#, "not base64"),
            (#"{"parameters":{"file:1/model.keras":"AAAA"}}"#, "failed to load 'new'"),
            (#"{"parameters":{"file:a.keras":"AAAA","file:b.keras":"AAAA"}}"#, "Expected one model file"),
            ("{", "not JSON"),
        ])
    func brokenLoads(body: String, message: String) throws {
        let response = try server.request("POST", "/v2/repository/models/new/load", body: body)
        #expect((400..<500).contains(response.status))
        #expect(response.error.contains(message), "\(response.error)")
    }

    // MARK: Settings

    @Test("what is logged can be read and changed")
    func logging() throws {
        let usual =
            #"{"log_file":"","log_info":true,"log_warning":true,"log_error":true,"log_verbose_level":0,"log_format":"default"}"#
        #expect(try server.request("GET", "/v2/logging").text == usual)
        let changed = try server.request("POST", "/v2/logging", body: #"{"log_info":false}"#)
        #expect(changed.text.contains(#""log_info":false,"log_warning":true"#))
        #expect(
            try server.request("POST", "/v2/logging", body: #"{"log_verbose_level":1}"#).text.contains(#"level":1"#))
        #expect(try server.request("POST", "/v2/logging", body: #"{"log_file":"/tmp/a"}"#).status == 501)
        #expect(try server.request("POST", "/v2/logging", body: #"{"log_what":1}"#).status == 400)
        #expect(try server.request("POST", "/v2/logging", body: #"{"log_info":"yes"}"#).status == 400)
    }

    @Test("traces and shared memory are off")
    func off() throws {
        #expect(try server.request("GET", "/v2/trace/setting").text.hasPrefix(#"{"trace_level":["OFF"]"#))
        #expect(try server.request("GET", "/v2/models/m/trace/setting").status == 200)
        #expect(try server.request("GET", "/v2/models/x/trace/setting").status == 404)
        #expect(try server.request("POST", "/v2/trace/setting", body: #"{"trace_level":["OFF"]}"#).status == 200)
        #expect(try server.request("POST", "/v2/trace/setting", body: #"{"trace_level":["TIMESTAMPS"]}"#).status == 501)
        for memory in ["system", "cuda"] {
            #expect(try server.request("GET", "/v2/\(memory)sharedmemory/status").text == "[]")
            #expect(try server.request("GET", "/v2/\(memory)sharedmemory/region/a/status").status == 404)
            let register = try server.request("POST", "/v2/\(memory)sharedmemory/region/a/register", body: "{}")
            #expect(register.status == 501)
            #expect(register.text.hasPrefix(#"{"error":"Client shared memory is disabled"#))
            #expect(try server.request("POST", "/v2/\(memory)sharedmemory/unregister", body: "").status == 501)
        }
    }

    // MARK: Bad input

    @Test(
        "bad requests get a 400 that says why",
        arguments: [
            ("", "The text is not JSON"), ("{", "The text is not JSON"), ("[]", "Expected an object"),
            ("{}", "'inputs'"), (#"{"inputs":[]}"#, "Expected 1 inputs, received 0"),
            (#"{"inputs":{}}"#, "Expected an array"), (#"{"inputs":[1]}"#, "Expected an object"),
            (#"{"inputs":[{}]}"#, "'name'"),
            (#"{"inputs":[{"name":"input","shape":[1,2],"data":[1,2]}]}"#, "'datatype'"),
            (
                #"{"inputs":[{"name":"other","datatype":"FP32","shape":[1,2],"data":[1,2]}]}"#,
                "Expected 'input', received 'other'"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]},{"name":"input"}]}"#,
                "received more"
            ),
            (#"{"inputs":[{"name":"input","datatype":"FP31","shape":[1,2],"data":[1,2]}]}"#, "received 'FP31'"),
            (#"{"inputs":[{"name":"input","datatype":"BYTES","shape":[1,2],"data":["a","b"]}]}"#, "received BYTES"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,3],"data":[1,2]}]}"#, "Expected 3 for shape"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2,3]}]}"#, "received 3"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,-2],"data":[1,2]}]}"#, "not usable"),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[4611686018427387904,4],"data":[1,2]}]}"#,
                "not usable"
            ),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1.5,2],"data":[1,2]}]}"#, "not an integer"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[2],"data":[1,2]}]}"#, "min_ndim=2"),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}"#,
                "Expected 2, received 3"
            ),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,"2"]}]}"#, "wrong type"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":1}]}"#, "Expected an array"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[[1],[2,3]]}]}"#, "ragged"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,1e39]}]}"#, "out of range"),
            (#"{"inputs":[{"name":"input","datatype":"FP16","shape":[1,2],"data":[1,70000]}]}"#, "out of range"),
            (#"{"inputs":[{"name":"input","datatype":"FP64","shape":[1,2],"data":[1,1e300]}]}"#, "out of range"),
            (#"{"inputs":[{"name":"input","datatype":"UINT8","shape":[1,2],"data":[1,256]}]}"#, "0 to 255"),
            (#"{"inputs":[{"name":"input","datatype":"UINT8","shape":[1,2],"data":[1,-1]}]}"#, "0 to 255"),
            (#"{"inputs":[{"name":"input","datatype":"INT8","shape":[1,2],"data":[1,128]}]}"#, "-128 to 127"),
            (#"{"inputs":[{"name":"input","datatype":"INT32","shape":[1,2],"data":[1,2.5]}]}"#, "not an integer"),
            (
                #"{"inputs":[{"name":"input","datatype":"INT64","shape":[1,2],"data":[1,9223372036854775808]}]}"#,
                "not an integer"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"UINT64","shape":[1,2],"data":[1,18446744073709551616]}]}"#,
                "not an integer"
            ),
            (#"{"inputs":[{"name":"input","datatype":"BOOL","shape":[1,2],"data":[1,0]}]}"#, "true or false"),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2]}]}"#, "received neither"),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}"#,
                "Inference-Header-Content-Length"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"parameters":{"shared_memory_region":"a"}}]}"#,
                "shared memory"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"x"}]}"#,
                "Expected 'dense', received 'x'"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"dense"},{"name":"dense"}]}"#,
                "twice"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{}]}"#,
                "'name' of an output"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"parameters":{"triton_x":1}}"#,
                "reserved"
            ),
            (
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"parameters":{"priority":-1}}"#,
                "priority"
            ),
            (
                #"{"id":7,"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]}"#,
                "Expected a string"
            ),
            (#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]} x"#, "not JSON"),
        ])
    func badBodies(body: String, message: String) throws {
        let response = try infer(body)
        #expect(response.status == (message == "shared memory" ? 501 : 400), "\(response.text)")
        #expect(response.error.contains(message), "\(response.error)")
        // As in Triton the sentence is all there is.
        #expect(try response.json.members.map(\.name) == ["error"])
    }

    @Test("byte counts that lie are found out")
    func lyingCounts() throws {
        let head = { (size: Int) in
            #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":\#(size)}}]}"#
        }
        let eight = Self.octets([1, 2] as [Float])
        #expect(try infer(head(8), binary: eight).status == 200)
        #expect(try infer(head(7), binary: eight).error.contains("received 7"))
        #expect(try infer(head(4), binary: eight).error.contains("received 4"))
        #expect(try infer(head(16), binary: eight).error.contains("received 8"))
        #expect(try infer(head(-1), binary: eight).error.contains("binary_data_size"))
        #expect(try infer(head(Int.max), binary: eight).status == 400)
        #expect(try infer(head(8), binary: eight + [0]).error.contains("1 more bytes"))
        #expect(
            try infer(
                #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2],"parameters":{"binary_data_size":8}}]}"#,
                binary: eight
            ).error.contains("received both"))
        for length in ["-1", "x", "1000000", "99999999999999999999", ""] {
            let response = try infer(
                head(8), binary: eight, headers: ["Inference-Header-Content-Length": length])
            #expect(response.status == 400, "\(length)")
            #expect(response.error.contains("Inference-Header-Content-Length"), "\(response.error)")
        }
        let overflow = try infer(
            #"{"inputs":[{"name":"input","datatype":"FP64","shape":[1,2],"parameters":{"binary_data_size":16}}]}"#,
            binary: Self.octets([1, 1e300] as [Double]))
        #expect(overflow.error.contains("Element 1"))
    }

    @Test("what is not there is a 404, a wrong method a 405, in the form of the protocol")
    func notFound() throws {
        let body = input(#""datatype":"FP32","shape":[1,2],"data":[1,2]"#)
        #expect(try infer(body, path: "/v2/models/x/infer").status == 404)
        #expect(try infer(body, path: "/v2/models/m/versions/0/infer").status == 404)
        #expect(try infer(body, path: "/v2/models/m/versions/a/infer").status == 404)
        #expect(try server.request("GET", "/v2/models/x").status == 404)
        #expect(try server.request("GET", "/v2/nothing").status == 404)
        #expect(try server.request("GET", "/v2/models/m/infer").status == 405)
        #expect(try server.request("GET", "/v2/models/m/infer")["Allow"] == "POST, OPTIONS")
        #expect(try server.request("POST", "/v2/models/m/infer").status == 400)
        for (method, path) in [("GET", "/v2/models/x"), ("GET", "/v2/nothing"), ("PUT", "/v2/models/m/infer")] {
            #expect(
                try server.request(method, path, body: method == "PUT" ? "{}" : nil).json.members.map(\.name) == [
                    "error"
                ])
        }
    }
}

extension V2Tests {
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32($1 < group.count ? group[start + $1] : 0) }
            for place in 0..<4 {
                text.append(
                    place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
