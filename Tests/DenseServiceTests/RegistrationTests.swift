import DenseEngine
import DenseService
import ModelStore
import Testing

@Suite("PUT /models/{name}?wait=false")
struct RegistrationTests {
    private let server: TestServer

    init() throws { server = try TestServer() }

    private func put(_ body: String, id: String) throws -> HTTPClient.Response {
        try server.request("PUT", "/models/m?wait=false", headers: ["X-Request-Id": id], body: body)
    }

    @Test("is accepted at once, and the model's status tells when it is there")
    func accepted() throws {
        let response = try put(TestServer.model, id: "first")
        #expect(response.status == 202)
        #expect(response["Location"] == "/models/m")
        #expect(response.text == #"{"name":"m","upload":"first","state":"loading"}"#)
        #expect(eventually { (try? server.models.lookup("m"))?.version == 1 })
        #expect(eventually { server.models.loads.counts.loading == 0 })
        #expect(try server.request("GET", "/models/m").json["loading"] == .array([]))
        #expect(server.models.loads.counts.succeededInAll == 1)
    }

    @Test("a failure is readable at the status, and leaves the version that works")
    func failed() throws {
        #expect(try put(#"{"layer":{"units":0}}"#, id: "bad").status == 202)
        #expect(eventually { server.models.loads.counts.failed == 1 })
        let status = try server.request("GET", "/models/m")
        #expect(status.status == 200)
        #expect(try status.json["versions"] == .array([]))
        guard case .array(let loads)? = try status.json["loading"], case .object(let load)? = loads.first,
            case .string(let error)? = load["error"]
        else {
            Issue.record("\(status.text)")
            return
        }
        #expect(load["upload"] == .string("bad") && load["state"] == .string("failed"))
        #expect(error.contains("units"), "\(error)")
        #expect(try server.request("GET", "/models/m/labels").text == #"{"labels":{}}"#)
        #expect(try server.dense(#"{"model": "m", "input": [[1, 2]]}"#).status == 404)

        try server.register("m")
        #expect(try put("{", id: "worse").status == 202)
        #expect(eventually { server.models.loads.counts.failed == 2 })
        #expect(try server.dense(#"{"model": "m", "input": [[1, 2]]}"#).status == 200)
        #expect(try server.request("DELETE", "/models/m").status == 204)
        #expect(try server.request("GET", "/models/m").status == 404)
    }

    @Test("who waits is told in the answer, and nothing is left at the status")
    func waiting() throws {
        #expect(try server.request("PUT", "/models/m?wait=true", body: TestServer.model).status == 201)
        #expect(try server.request("PUT", "/models/n", body: "{").status == 400)
        #expect(server.models.loads.counts.failed == 0)
        #expect(try server.request("GET", "/models/n").status == 404)
    }

    @Test("what can be told from the head is refused, and not accepted")
    func refused() throws {
        #expect(try server.request("PUT", "/models/m?wait=maybe", body: "{}").code == "invalid_query_item")
        #expect(try server.request("PUT", "/models/m?later=1", body: "{}").code == "unknown_query_item")
        #expect(try server.request("PUT", "/models/a%20b?wait=false", body: "{}").code == "invalid_model_name")
        #expect(try server.request("PUT", "/models/m?wait=false").code == "length_required")
    }

    @Test("what building takes is given back, whatever comes of it")
    func givenBack() throws {
        try server.register("m")
        for (path, body, status) in [
            ("/models/n", TestServer.model, 201), ("/models/n", "{", 400),
            ("/models/n", #"{"layer":{"units":0}}"#, 422),
            ("/models/m/adapters/a", "{", 400), ("/models/m/adapters/a", #"{"layers":{}}"#, 422),
        ] {
            #expect(try server.request("PUT", path, body: body).status == status)
            #expect(eventually { server.workers.depth == (0, 0) }, "\(path) \(body)")
        }
    }

    @Test("loads and the store's figures are in the metrics")
    func metrics() throws {
        try server.register("m")
        #expect(try put("{", id: "bad").status == 202)
        #expect(eventually { server.models.loads.counts.failed == 1 })
        let text = try server.request("GET", "/metrics").text
        for line in [
            #"dense_model_loads{state="loading"} 0"#, #"dense_model_loads{state="failed"} 1"#,
            #"dense_model_loads_total{result="loaded"} 1"#, #"dense_model_loads_total{result="failed"} 1"#,
        ] { #expect(text.contains(line + "\n"), "\(line)") }
    }
}
