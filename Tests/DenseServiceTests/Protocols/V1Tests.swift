import DenseEngine
import DenseService
import Dispatch
import TensorCoding
import Testing

@Suite("TensorFlow Serving's REST API")
struct V1Tests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        try server.register("m")
        try server.register(
            "one", #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1],[1]],"bias":[0.5]}}]}"#)
    }

    private func post(_ path: String, _ body: String) throws -> HTTPClient.Response {
        try server.request("POST", path, body: body)
    }

    // MARK: Predict

    @Test(
        "rows and columns, bare and named",
        arguments: [
            (#"{"instances":[[1,2],[3,4]]}"#, #"{"predictions":[[10.0,3.0],[30.0,7.0]]}"#),
            (#"{"instances":[{"input":[1,2]},{"input":[3,4]}]}"#, #"{"predictions":[[10.0,3.0],[30.0,7.0]]}"#),
            (#"{"signature_name":"serving_default","instances":[[1,2]]}"#, #"{"predictions":[[10.0,3.0]]}"#),
            (#"{"inputs":[[1,2]]}"#, #"{"outputs":[[10.0,3.0]]}"#),
            (#"{"inputs":{"input":[[1,2]]}}"#, #"{"outputs":[[10.0,3.0]]}"#),
            (#"{"instances":[[[1,2],[3,4]]]}"#, #"{"predictions":[[[10.0,3.0],[30.0,7.0]]]}"#),
            (#"{"instances":[[NaN,1]]}"#, #"{"predictions":[[NaN,NaN]]}"#),
            (#"{"instances":[[Infinity,1]]}"#, #"{"predictions":[[Infinity,Infinity]]}"#),
            (#"{"instances":[[-Inf,1],[1,Inf]]}"#, #"{"predictions":[[-Infinity,-Infinity],[NaN,Infinity]]}"#),
        ])
    func predict(body: String, answer: String) throws {
        for path in [
            "/v1/models/m:predict", "/v1/models/m/versions/1:predict", "/V1/Models/m:PREDICT",
            "/v1/models/%6D/Versions/1:predict", "/invocations",
        ] where path != "/invocations" {
            let response = try post(path, body)
            #expect(response.status == 200, "\(path): \(response.text)")
            #expect(response.text == answer)
        }
    }

    @Test("no body needs a media type that is JSON's")
    func mediaTypes() throws {
        for type in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
            let response = try server.request(
                "POST", "/v1/models/m:predict", headers: ["Content-Type": type], body: #"{"instances":[[1,2]]}"#)
            #expect(response.status == 200)
        }
    }

    @Test(
        "bad requests are answered in its words",
        arguments: [
            ("", "JSON Parse error: The document is empty"), (" \n", "JSON Parse error: The document is empty"),
            ("{", "JSON Parse error:"), ("[]", "Expected an object"), ("{}", "Missing 'inputs' or 'instances' key"),
            (#"{"instances":[[1,2]],"inputs":[[1,2]]}"#, "expecting only one of 'inputs' or 'instances'"),
            (#"{"inputs":[[1,2]],"instances":[[1,2]]}"#, "expecting only one of 'inputs' or 'instances'"),
            (#"{"instances":[]}"#, "No values in 'instances' array"),
            (#"{"instances":{}}"#, "Expecting 'instances' to be an list/array"),
            (#"{"instances":1}"#, "Expecting 'instances' to be an list/array"),
            (#"{"signature_name":"other","instances":[[1,2]]}"#, "Serving signature name: \"other\" not found"),
            (#"{"signature_name":1,"instances":[[1,2]]}"#, "Expected a string"),
            (#"{"instances":[{"input":[1,2]},[1,2]]}"#, "Expecting object but got list at item 1 of input list"),
            (#"{"instances":[{"other":[1,2]}]}"#, "keys must be equal to: input"),
            (#"{"instances":[{"input":[1,2],"other":[1,2]}]}"#, "keys must be equal to: input"),
            (#"{"instances":[{}]}"#, "keys must be equal to: input"),
            (#"{"instances":[{"input":[1,2]},{"input":[1,2,3]}]}"#, "Failed to process element: 1 of 'instances' list"),
            (#"{"instances":[{"b64":"AAAA"}]}"#, "base64"), (#"{"instances":[{"input":{"b64":"AAAA"}}]}"#, "base64"),
            (#"{"inputs":{"other":[[1,2]]}}"#, "Missing named input: input in 'inputs' object."),
            (#"{"instances":[[1,2],[3]]}"#, "ragged"), (#"{"instances":[["a","b"]]}"#, "wrong type"),
            (#"{"instances":[[1,2,3]]}"#, "Expected 2, received 3"), (#"{"instances":[1,2]}"#, "min_ndim=2"),
            (#"{"instances":[[1,1e39]]}"#, "out of range"),
        ])
    func badBodies(body: String, message: String) throws {
        let response = try post("/v1/models/m:predict", body)
        #expect(response.status == 400, "\(response.text)")
        #expect(response.error.contains(message), "\(response.error)")
        #expect(try response.json.members.map(\.name) == ["error"])
    }

    @Test("what is not there is said in its words")
    func notFound() throws {
        let body = #"{"instances":[[1,2]]}"#
        let unknown = try post("/v1/models/half:predict", body)
        #expect(unknown.status == 404)
        #expect(unknown.error == "Servable not found for request: Latest(half)")
        let version = try post("/v1/models/m/versions/3:predict", body)
        #expect(version.status == 404)
        #expect(version.error == "Servable not found for request: Specific(m, 3)")
        let label = try post("/v1/models/m/labels/stable:predict", body)
        #expect(label.status == 404)
        #expect(label.error == "Unrecognized servable version label: stable")
        let number = try post("/v1/models/m/versions/99999999999999999999:predict", body)
        #expect(number.status == 400)
        #expect(number.error.hasPrefix("Failed to convert version:"))
        #expect(try server.request("GET", "/v1/models/half").error == "Could not find any versions of model half")
        for path in ["/v1/models/m:explain", "/v1/what", "/v1/models/m/nothing"] {
            let malformed = try post(path, body)
            #expect(malformed.status == 400)
            #expect(malformed.error == "Malformed request: POST \(path)")
        }
    }

    @Test("a prediction that waited past its deadline is a 504 in its form, a deadline that is none a 400")
    func deadline() throws {
        #expect(eventually { server.workers.depth.requests == 0 })
        let (started, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for _ in 0..<2 {
            try server.workers.async(bytes: 0) {
                started.signal()
                release.wait()
            }
        }
        defer { for _ in 0..<2 { release.signal() } }
        for _ in 0..<2 { started.wait() }
        let rows = Array(repeating: "[1,2]", count: 10_000).joined(separator: ",")
        let late = try server.request(
            "POST", "/v1/models/m:predict", headers: ["X-Request-Timeout-Ms": "1"], body: #"{"instances":[\#(rows)]}"#)
        #expect(late.status == 504)
        #expect(try late.json.members.map(\.name) == ["error"])
        let wrong = try server.request(
            "POST", "/v1/models/m:predict", headers: ["X-Request-Timeout-Ms": "soon"], body: #"{"instances":[[1,2]]}"#)
        #expect(wrong.status == 400)
    }

    @Test("a label leads to its version, whatever the newest is")
    func labels() throws {
        try server.register(
            "m", #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[1,0],[0,1]],"bias":[0,0]}}]}"#)
        #expect(try server.request("PUT", "/models/m/labels/stable", body: #"{"version":1}"#).status < 300)
        let body = #"{"instances":[[1,2]]}"#
        #expect(try post("/v1/models/m/labels/stable:predict", body).text == #"{"predictions":[[10.0,3.0]]}"#)
        #expect(try post("/v1/models/m:predict", body).text == #"{"predictions":[[1.0,2.0]]}"#)
        #expect(try server.request("GET", "/v1/models/m/labels/stable").text.contains(#"{"version":"1""#))
        #expect(try server.request("GET", "/v1/models/m/labels/stable/metadata").status == 200)
    }

    // MARK: Status and metadata

    @Test("the state of versions, newest first, and the signature")
    func status() throws {
        try server.register(
            "m", #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[1,0],[0,1]],"bias":[0,0]}}]}"#)
        let state = { (version: Int) in
            #"{"version":"\#(version)","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}"#
        }
        #expect(
            try server.request("GET", "/v1/models/m").text
                == #"{"model_version_status":[\#(state(2)),\#(state(1))],"name":"m","ready":true}"#)
        #expect(
            try server.request("GET", "/v1/models/m/versions/1").text
                == #"{"model_version_status":[\#(state(1))],"name":"m","ready":true}"#)
        #expect(try server.request("GET", "/v1/models").text == #"{"models":["m","one"]}"#)
        let metadata = try server.request("GET", "/v1/models/m/versions/1/metadata")
        #expect(
            metadata.text.hasPrefix(
                #"{"model_spec":{"name":"m","signature_name":"","version":"1"},"metadata":{"signature_def":{"signature_def":"#
                    + #"{"serving_default":{"inputs":{"input":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1","name":""},"#
            ))
        #expect(try metadata.json["metadata"] != nil)
    }

    // MARK: Classify and regress

    @Test("classes are called by their places, values are one an example")
    func examples() throws {
        #expect(
            try post("/v1/models/m:classify", #"{"examples":[{"input":[1,2]},{"input":[0,1]}]}"#).text
                == #"{"results":[[["0",10.0],["1",3.0]],[["0",0.0],["1",1.0]]]}"#)
        #expect(
            try post("/v1/models/one:regress", #"{"examples":[{"input":[1,2]},{"input":[0,1]}]}"#).text
                == #"{"results":[3.5,1.5]}"#)
        #expect(
            try post("/v1/models/one:regress", #"{"context":{"input":[1,2]},"examples":[{},{"a":1}]}"#).text
                == #"{"results":[3.5,3.5]}"#)
    }

    @Test(
        "examples that make no sense are refused",
        arguments: [
            ("/v1/models/one:classify", #"{"examples":[{"input":[1,2]}]}"#, "two classes or more"),
            ("/v1/models/m:regress", #"{"examples":[{"input":[1,2]}]}"#, "one value for each example"),
            ("/v1/models/m:classify", "{}", "key 'examples' is expected"),
            ("/v1/models/m:classify", #"{"examples":[]}"#, "key 'examples' is expected"),
            ("/v1/models/m:classify", #"{"examples":[{"other":[1,2]}]}"#, "no feature 'input'"),
            ("/v1/models/m:classify", #"{"examples":[1]}"#, "Example must be JSON object"),
            ("/v1/models/m:classify", #"{"examples":[{"input":[1,2]},{"input":[1]}]}"#, "Expecting shape"),
        ])
    func badExamples(path: String, body: String, message: String) throws {
        let response = try post(path, body)
        #expect(response.status == 400)
        #expect(response.error.contains(message), "\(response.error)")
    }
}
