import DenseService
import Testing

@Suite("Cloud hosts")
struct HostTests {
    private static let rows = #"{"instances":[[1,2]]}"#

    @Test("a host asks at /ping and sends tensors of any form to /invocations")
    func sageMaker() throws {
        let server = try TestServer()
        #expect(try server.request("GET", "/ping").status == 200)
        #expect(try server.request("POST", "/invocations", body: Self.rows).status == 503)
        try server.register("m")
        #expect(try server.request("POST", "/invocations", body: Self.rows).text == #"{"predictions":[[10.0,3.0]]}"#)
        let v2 = #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}]}"#
        #expect(try server.request("POST", "/invocations", body: v2).text.contains(#""data":[10.0,3.0]"#))
        #expect(
            try server.request("POST", "/invocations", body: #"{"inputs":[[1,2]]}"#).text
                == #"{"outputs":[[10.0,3.0]]}"#)
        let octets = try server.client().request(
            "POST", "/invocations", headers: ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2"],
            body: unsafe [Float(1), 2].withUnsafeBytes { unsafe Array($0) })
        #expect(octets.status == 200)
        #expect(octets["X-Tensor-Shape"] == "1,2")
        #expect(try server.request("POST", "/invocations", body: "{").status == 400)
        try server.register("other")
        let several = try server.request("POST", "/invocations", body: Self.rows)
        #expect(several.status == 400)
        #expect(several.code == "ambiguous_model")
        let chosen = try server.request(
            "POST", "/invocations", headers: ["X-Amzn-SageMaker-Target-Model": "m"], body: Self.rows)
        #expect(chosen.status == 200)
    }

    @Test("a host's own paths lead to health and predictions, access control included")
    func vertex() throws {
        var configuration = ServiceConfiguration()
        configuration.defaultModel = "m"
        configuration.aliases = RouteAliases(health: "/healthz", predict: "/v1/endpoints/7/deployedModels/8:predict")
        let server = try TestServer(configuration, ready: false)
        try server.register("m")
        try server.register("other")
        #expect(try server.request("GET", "/healthz").status == 503)
        server.service.setReady()
        #expect(try server.request("GET", "/healthz").status == 200)
        let path = "/v1/endpoints/7/deployedModels/8:predict"
        #expect(try server.request("POST", path, body: Self.rows).text == #"{"predictions":[[10.0,3.0]]}"#)
        #expect(try server.request("GET", path).status == 405)
        #expect(try server.request("POST", "/healthz", body: "").status == 405)
    }
}
