import DenseEngine
import DenseService
import Dispatch
import HTTPServer
import Locks
import ModelStore
import TensorCoding
import Testing

@Suite("Batching over HTTP")
struct BatchingTests {
    /// A model too large for the loop's thread, with one unit a row's position so that rows can be told apart.
    private static let features = 600
    private static func model(batching: String? = nil) -> String {
        let kernel = (0..<features).map { row in
            "[" + (0..<300).map { "\((row * 7 + $0 * 3) % 11 - 5)" }.joined(separator: ",") + "]"
        }
        let options = batching.map { #","batching":\#($0)"# } ?? ""
        return #"{"layers":[{"layer":{"units":300},"weights":{"kernel":["#
            + kernel.joined(separator: ",") + #"],"bias":["#
            + Array(repeating: "0.5", count: 300).joined(separator: ",") + #"]}}]\#(options)}"#
    }

    private static func input(_ seed: Int, rows: Int = 1) -> String {
        "["
            + (0..<rows).map { row in
                "[" + (0..<features).map { "\(Double(($0 * 13 + seed * 7 + row) % 17) / 8 - 1)" }.joined(separator: ",")
                    + "]"
            }.joined(separator: ",") + "]"
    }

    private static func body(_ input: String, _ rest: String = "") -> String {
        #"{"model":"m",\#(rest)"input":\#(input)}"#
    }

    /// Keeps both workers busy until the gate is opened twice; returns once they are.
    private func occupy(_ server: TestServer) throws -> DispatchSemaphore {
        #expect(eventually { server.workers.depth.requests == 0 })
        let release = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            try server.workers.async(bytes: 0) {
                started.signal()
                release.wait()
            }
        }
        for _ in 0..<2 { started.wait() }
        return release
    }

    /// Sends requests while the workers are held, one connection each and one after the other into the queue. Then both
    /// workers serve them, or only one.
    private func together(
        _ server: TestServer, _ bodies: [(body: String, headers: [String: String])], paths: [String] = [],
        workers: Int = 2
    ) throws -> [HTTPClient.Response] {
        let release = try occupy(server)
        defer { for _ in workers..<2 { release.signal() } }
        var clients: [HTTPClient] = []
        for (index, request) in bodies.enumerated() {
            let client = try server.client()
            let path = paths.isEmpty ? "/dense" : paths[index]
            var head = "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(request.body.utf8.count)\r\n"
            for (name, value) in request.headers { head += "\(name): \(value)\r\n" }
            try client.send(Array((head + "\r\n" + request.body).utf8))
            #expect(eventually { server.workers.depth.requests == 3 + index })
            clients.append(client)
        }
        for _ in 0..<workers { release.signal() }
        return try clients.map { try $0.response() }
    }

    @Test("requests that waited together were computed together, and each has the answer it has alone")
    func answers() throws {
        let server = try TestServer(maximumBytes: 1 << 28)
        try server.register("m", Self.model())
        let bodies = (0..<6).map { Self.body(Self.input($0, rows: 1 + $0 % 2)) }
        let alone = try bodies.map { try server.dense($0) }
        let responses = try together(server, bodies.map { ($0, [:]) })
        for (response, single) in zip(responses, alone) {
            #expect(response.status == 200, "\(response.text.prefix(200))")
            #expect(response.body == single.body)
            #expect(single["Dense-Batch"]?.hasSuffix("requests=1") == true)
        }
        let sizes = responses.compactMap { $0["Dense-Batch"] }
        #expect(sizes.count == 6)
        #expect(sizes.contains { !$0.hasSuffix("requests=1") }, "\(sizes)")
        let (batches, requests) = server.service.metrics.batches.computed
        #expect(requests == 12 && batches < 12)
        let text = try server.request("GET", "/metrics").text
        #expect(text.contains("\ndense_batch_requests_sum 12\n") && text.contains("\ndense_batch_rows_sum 18\n"))
    }

    @Test("errors stay with their requests: a wrong shape, an output that is not finite, a bad body")
    func errors() throws {
        let server = try TestServer()
        try server.register("m", Self.model())
        let infinite = Self.input(1).split(separator: ",").enumerated().map { $0 < 300 ? "3e38" : String($1) }
        let bodies = [
            Self.body(Self.input(1)),
            Self.body("[[" + Array(repeating: "1", count: 9_000).joined(separator: ",") + "]]"),
            Self.body("[[" + infinite.dropLast().joined(separator: ",") + ",3e38]]"),
            Self.body(Self.input(1) + String(repeating: " ", count: 9_000) + "!"),
            Self.body(Self.input(2)),
            // Too long for the loop, too.
            #"{"model":"none","input":\#(Self.input(2))\#(String(repeating: " ", count: 9_000))}"#,
        ]
        let responses = try together(server, bodies.map { ($0, [:]) })
        #expect(responses.map(\.status) == [200, 422, 422, 400, 200, 404])
        #expect(
            responses.map(\.code) == [
                "", "input_shape_mismatch", "non_finite_output", "invalid_json", "", "unknown_model",
            ])
        #expect(try responses[0].body == server.dense(bodies[0]).body)
        #expect(try responses[4].body == server.dense(bodies[4]).body)
        #expect(eventually { server.workers.depth == (0, 0) })
    }

    @Test("a higher priority is served first, by header or in parameters")
    func priorities() throws {
        // However long they take to come, none has waited so long that its turn would be before a higher priority's.
        let server = try TestServer(clock: TestServer.stillClock)
        // Everybody alone, and one after the other.
        try server.register("m", Self.model(batching: #"{"max_batch_rows":1}"#))
        let plain = Self.body(Self.input(1))
        let responses = try together(
            server,
            [
                (plain, ["X-Request-Priority": "0", "X-Request-Id": "1"]),
                (Self.body(Self.input(1), #""parameters":{"priority":9},"#), ["X-Request-Id": "2"]),
                (
                    Self.body(Self.input(1), #""parameters":{"priority":0},"#),
                    ["X-Request-Priority": "9", "X-Request-Id": "3"]
                ),
            ], workers: 1)
        #expect(responses.allSatisfy { $0.status == 200 && $0["Dense-Batch"] == "rows=1, requests=1" })
        // One for the registration.
        #expect(server.records.wait(for: 4).dropFirst().map { "\($0.id)" } == ["2", "3", "1"])
    }

    @Test("requests of all protocols are computed as one, and by the priorities of each")
    func protocols() throws {
        let features = Self.features
        // Octets of float32 that are text: each is 2.
        let octets = String(repeating: "\0\0\0@", count: features)
        let twos = "[" + Array(repeating: "2.0000000000000000000", count: features).joined(separator: ",") + "]"
        let input = { (rest: String) in
            #"{"name":"input","datatype":"FP32","shape":[1,\#(features)],\#(rest)}"#
        }
        let binary = { (rest: String) in
            #"{"inputs":[\#(input(#""parameters":{"binary_data_size":\#(4 * features)}"#))]\#(rest)}"#
        }
        let urgent = binary(#","parameters":{"priority":1}"#)
        let bodies: [(path: String, body: String, headers: [String: String])] = [
            (
                "/v2/models/m/infer", binary("") + octets,
                ["Inference-Header-Content-Length": "\(binary("").utf8.count)"]
            ),
            ("/v1/models/m:predict", #"{"instances":[\#(twos)]}"#, [:]), ("/dense", Self.body("[\(twos)]"), [:]),
            (
                "/v2/models/m/infer", #"{"parameters":{"priority":2},"inputs":[\#(input(#""data":\#(twos)"#))]}"#, [:]
            ),
            ("/v2/models/m/infer", urgent + octets, ["Inference-Header-Content-Length": "\(urgent.utf8.count)"]),
        ]
        let requests = bodies.enumerated().map { index, request in
            (request.body, request.headers.merging(["X-Request-Id": "\(index)"]) { $1 })
        }
        let server = try TestServer(clock: TestServer.stillClock)
        try server.register("m", Self.model())
        let plain = Array(0..<3) + Array(0..<3)
        let together = try together(
            server, plain.map { requests[$0] }, paths: plain.map { bodies[$0].path }, workers: 1)
        #expect(together.allSatisfy { $0.status == 200 }, "\(together.map { $0.text.prefix(200) })")
        // A worker takes its fair share, which is one of each.
        #expect(together.prefix(3).allSatisfy { $0["Dense-Batch"] == "rows=3, requests=3" })

        // Everybody alone: the urgent ones first.
        let another = try TestServer(clock: TestServer.stillClock)
        try another.register("m", Self.model(batching: #"{"max_batch_rows":1}"#))
        _ = try self.together(another, requests, paths: bodies.map(\.path), workers: 1)
        #expect(another.records.wait(for: 6).dropFirst().map { "\($0.id)" } == ["4", "3", "0", "1", "2"])
    }

    @Test(
        "a priority that is none is 400",
        arguments: [
            ("10", "", "invalid_header"), ("-1", "", "invalid_header"), ("high", "", "invalid_header"),
            ("", #""parameters":{"priority":10},"#, "integer_out_of_range"),
            ("", #""parameters":{"priority":"9"},"#, "wrong_type"),
        ])
    func invalidPriority(header: String, rest: String, code: String) throws {
        let server = try TestServer()
        try server.register("m")
        let headers = header.isEmpty ? [:] : ["X-Request-Priority": header]
        let response = try server.dense(#"{"model":"m",\#(rest)"input":[[1,2]]}"#, headers: headers)
        #expect(response.status == 400)
        #expect(response.code == code)
        let query = try server.request(
            "POST", "/dense?model=m&priority=\(header.isEmpty ? "x" : header)",
            headers: ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2"], body: "01234567")
        #expect(query.code == "invalid_parameter")
    }

    @Test("a deadline that passes and a client that leaves are counted")
    func dropped() throws {
        let server = try TestServer()
        try server.register("m", Self.model())
        let release = try occupy(server)
        let client = try server.client()
        let body = Self.body(Self.input(1))
        try client.send(
            Array(
                "POST /dense HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    .utf8))
        // It is told at once, though no worker is free.
        #expect(try client.response().code == "deadline_passed")
        // It is answered before it is counted as gone.
        #expect(eventually { server.workers.depth.requests == 2 })
        do {
            let leaving = try server.client()
            try leaving.send(
                Array("POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
            #expect(eventually { server.workers.depth.requests == 3 })
            leaving.reset()
        }
        #expect(eventually { server.openConnections == 1 })
        for _ in 0..<2 { release.signal() }
        let batches = server.service.metrics.batches
        #expect(eventually { batches.dropped(.deadlinePassed) == 1 && batches.dropped(.cancelled) == 1 })
        #expect(batches.computed.batches == 0)
        let text = try server.request("GET", "/metrics").text
        #expect(text.contains("\ndense_queue_dropped_total{reason=\"client_gone\"} 1\n"))
        #expect(eventually { server.workers.depth == (0, 0) })
    }

    // MARK: A model's own limits

    @Test("a model's bound of waiting requests refuses on arrival those whose model can be told, and others later")
    func ownQueue() throws {
        let server = try TestServer(clock: TestServer.stillClock)
        try server.register("m", Self.model(batching: #"{"max_queue_requests":1}"#))
        try server.register("n", Self.model())
        let release = try occupy(server)
        let first = try server.client()
        let body = Self.body(Self.input(1))
        try first.send(
            Array("POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        #expect(eventually { server.workers.depth.requests == 3 })
        let refused = try server.dense(body)
        #expect(refused.status == 503 && refused.code == "queue_full", "\(refused.text)")
        #expect(refused.error.contains("the model's max_queue_requests (1)"))
        #expect(refused["Retry-After"] == "1")
        for _ in 0..<2 { release.signal() }
        #expect(try first.response().status == 200)
        #expect(try server.dense(body).status == 200, "what was refused is counted no more")
        #expect(try server.dense(#"{"input":\#(Self.input(1)),"model":"n"}"#).status == 200)
        #expect(try server.models.lookup("m").line.depth == (0, 0))
    }

    @Test("batching is shown, changed by PATCH or with the same content again, and no part of the content")
    func documents() throws {
        let server = try TestServer()
        let document = TestServer.model.dropLast() + #","batching":{"max_batch_rows":128,"max_queue_delay_us":500}}"#
        let registered = try server.register("m", String(document))
        #expect(registered.status == 201)
        #expect(registered.text.contains(#""batching":{"max_batch_rows":128,"max_queue_delay_us":500}"#))
        let plain = try server.register("p")
        #expect(plain.text.contains(#""batching":{}"#))
        #expect(try plain.json["sha256"] == registered.json["sha256"])
        let again = try server.register("m")
        #expect(again.status == 200 && again.text.contains(#""max_batch_rows":128"#), "it is kept when nothing is said")
        let replaced = try server.register("m", TestServer.model.dropLast() + #","batching":{"max_queue_requests":9}}"#)
        #expect(replaced.status == 200 && replaced.text.contains(#""batching":{"max_queue_requests":9}"#))
        let patched = try server.request("PATCH", "/models/m", body: #"{"batching":{"max_batch_rows":null}}"#)
        #expect(patched.status == 200 && patched.text.contains(#""batching":{}"#))
        #expect(!patched.text.contains(#""trainable":false"#))
    }

    @Test(
        "limits that are none are refused where they stand",
        arguments: [
            (#"{"max_batch_rows":0}"#, "integer_out_of_range", "/batching/max_batch_rows"),
            (#"{"max_queue_delay_us":1000001}"#, "integer_out_of_range", "/batching/max_queue_delay_us"),
            (#"{"max_queue_bytes":1.5}"#, "not_an_integer", "/batching/max_queue_bytes"),
            (#"{"rows":1}"#, "unknown_field", "/batching/rows"), ("7", "wrong_type", "/batching"),
        ])
    func invalid(batching: String, code: String, pointer: String) throws {
        let server = try TestServer()
        try server.register("m")
        for response in [
            try server.register("x", TestServer.model.dropLast() + #","batching":\#(batching)}"#),
            try server.request("PATCH", "/models/m", body: #"{"batching":\#(batching)}"#),
        ] {
            #expect(response.status == 400)
            #expect(response.code == code && response.pointer == pointer, "\(response.text)")
        }
    }

    // MARK: Timing

    /// The duration of one part in `Server-Timing`.
    private static func milliseconds(_ part: String, _ response: HTTPClient.Response) throws -> Double {
        let field = try #require(response["Server-Timing"])
        let parts = field.split(separator: ", ").map { $0.split(separator: ";dur=").map(String.init) }
        #expect(parts.map { $0[0] } == ["decode", "queue", "compute", "encode"])
        return try #require(parts.first { $0[0] == part }.flatMap { Double($0[1]) })
    }

    @Test("every answer tells its times and its batch, in every form, unless that is switched off")
    func timing() throws {
        let server = try TestServer()
        try server.register("m")
        let small = try server.dense(#"{"model":"m","input":[[1,2],[3,4],[5,6]]}"#)
        #expect(small["Dense-Batch"] == "rows=3, requests=1")
        #expect(try Self.milliseconds("queue", small) == 0)
        #expect(try Self.milliseconds("decode", small) >= 0)
        let binary = try server.request(
            "POST", "/dense?model=m",
            headers: ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2"], body: "01234567")
        #expect(binary.status == 200 && binary["Dense-Batch"] == "rows=1, requests=1")
        let layer = try server.dense(#"{"input":[[1,2]],"layer":{"units":1}}"#)
        #expect(layer["Dense-Batch"] == "rows=1, requests=1")
        #expect(try server.dense("{")["Server-Timing"] == nil)

        var configuration = ServiceConfiguration()
        configuration.sendsTiming = false
        let silent = try TestServer(configuration)
        try silent.register("m")
        let answer = try silent.dense(#"{"model":"m","input":[[1,2]]}"#)
        #expect(answer.status == 200 && answer["Server-Timing"] == nil && answer["Dense-Batch"] == nil)
    }
}
