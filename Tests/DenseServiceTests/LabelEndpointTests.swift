import DenseEngine
import DenseService
import ModelStore
import Testing

@Suite("/models/{name}/labels")
struct LabelEndpointTests {
    private let server: TestServer

    /// Versions 1 (times ten, and the sum) and 2 (the sum) of `m`.
    init() throws {
        server = try TestServer()
        try server.register("m")
        try server.register(
            "m", #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1],[1]],"bias":[0]}}]}"#)
    }

    private func label(_ label: String, _ version: Int) throws -> HTTPClient.Response {
        try server.request("PUT", "/models/m/labels/\(label)", body: "{\"version\": \(version)}")
    }

    @Test("a label is set with 201, moved with 200, listed, and removed with 204")
    func life() throws {
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{}}"#)
        let first = try label("stable", 1)
        #expect(first.status == 201)
        #expect(first.text == #"{"name":"m","label":"stable","version":1}"#)
        #expect(try label("stable", 2).status == 200)
        #expect(try label("canary", 2).status == 201)
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{"canary":2,"stable":2}}"#)
        #expect(try server.request("GET", "/models/m").text.contains(#""labels":{"canary":2,"stable":2}"#))
        #expect(try server.request("DELETE", "/models/m/labels/canary").status == 204)
        #expect(try server.request("DELETE", "/models/m/labels/canary").code == "unknown_label")
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{"stable":2}}"#)
    }

    @Test("a request runs the version its label leads to, in JSON and in the query")
    func runs() throws {
        _ = try label("stable", 1)
        let body = #"{"model": "m", "label": "stable", "input": [[1, 2]]}"#
        #expect(try server.dense(body).text == #"{"output":[[10.0,3.0]],"shape":[1,2],"dtype":"float32","version":1}"#)
        let octets = try server.client().request(
            "POST", "/dense?model=m&label=stable",
            headers: ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2"],
            body: [0, 0, 128, 63, 0, 0, 0, 64])
        #expect(octets["X-Model-Version"] == "1")
        _ = try label("stable", 2)
        #expect(try server.dense(body).json["version"] == .int(2))
    }

    @Test(
        "what names no version is refused with its place",
        arguments: [
            (#"{"model": "m", "label": "other", "input": [[1, 2]]}"#, 404, "unknown_label", "/label"),
            (#"{"model": "n", "label": "stable", "input": [[1, 2]]}"#, 404, "unknown_model", "/model"),
            (
                #"{"model": "m", "label": "stable", "version": 1, "input": [[1, 2]]}"#, 400, "version_and_label",
                "/label"
            ),
            (#"{"layer": {"units": 1}, "label": "stable", "input": [[1, 2]]}"#, 400, "unexpected_field", "/label"),
            (#"{"model": "m", "label": 3, "input": [[1, 2]]}"#, 400, "wrong_type", "/label"),
        ])
    func refuses(body: String, status: Int, code: String, pointer: String) throws {
        _ = try label("stable", 1)
        let response = try server.dense(body)
        #expect(response.status == status)
        #expect(response.code == code && response.pointer == pointer, "\(response.text)")
    }

    @Test("labels lead to versions there are, and have names like models")
    func refusesToSet() throws {
        #expect(try label("stable", 3).code == "unknown_version")
        #expect(try label("a%20b", 1).code == "invalid_label")
        #expect(try server.request("PUT", "/models/n/labels/a", body: #"{"version": 1}"#).code == "unknown_model")
        for body in ["{}", #"{"version": "1"}"#, #"{"version": 1, "x": 2}"#, "[]", "{"] {
            #expect(try server.request("PUT", "/models/m/labels/a", body: body).status == 400, "\(body)")
        }
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{}}"#)
        #expect(try server.request("GET", "/models/n/labels").code == "unknown_model")
    }

    @Test("a version stays while labels lead to it; the model takes them with it")
    func removal() throws {
        _ = try label("stable", 1)
        let refused = try server.request("DELETE", "/models/m/versions/1")
        #expect(refused.status == 409)
        #expect(refused.code == "labelled_version")
        _ = try label("stable", 2)
        #expect(try server.request("DELETE", "/models/m/versions/1").status == 204)
        #expect(try server.request("DELETE", "/models/m").status == 204)
        try server.register("m")
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{}}"#)
    }

    @Test("a model has 1,024 labels at most")
    func bound() throws {
        for number in 0..<1024 { #expect(try server.models.setLabel("l\(number)", of: "m", to: 1)) }
        #expect(try label("another", 1).code == "too_many_labels")
        #expect(try label("l7", 2).status == 200)
    }
}
