import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("POST /dense")
struct DenseEndpointTests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        try server.register("m")
    }

    // The description rounds the numbers; in float32 0.1 + 4 * 0.2 is the neighbour above 0.9.
    @Test("the example of the API's description gives its answer, byte for byte")
    func example() throws {
        let response = try server.dense(
            """
            {
              "input": [[[0.1, 0.2], [0.3, 0.4]]],
              "layer": {"units": 3, "activation": "relu", "use_bias": true,
                        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": 7}}},
              "weights": {"kernel": [[1, 2, 3], [4, 5, 6]], "bias": [0, 0, 0]}
            }
            """)
        #expect(response.status == 200)
        #expect(response["Content-Type"] == "application/json")
        #expect(
            response.text
                == #"{"output":[[[0.90000004,1.2,1.5],[1.9000001,2.6,3.3000002]]],"shape":[1,2,3],"dtype":"float32"}"#)
    }

    @Test("the example of an error gives its answer, byte for byte")
    func errorExample() throws {
        let response = try server.dense(
            #"{"input":[[1,2,3],[4,5,6]],"layer":{"units":1},"weights":{"kernel":[[1],[2],[3],[4]],"bias":[0]}}"#)
        #expect(response.status == 422)
        #expect(
            response.text
                == #"{"error":"The last axis of the input must equal the kernel's input dimension. Expected 4, received 3 (input shape [2, 3]).","code":"input_shape_mismatch","pointer":"/input","expected":[-1,4],"received":[2,3]}"#
        )
    }

    @Test(
        "every way of saying what to compute gives the same",
        arguments: [
            #"{"input":[[1,2]],"model":"m"}"#,
            #"{"model":"m","version":1,"input":[[1,2]]}"#,
            #"{"input":{"shape":[1,2],"data":[1,2]},"model":"m"}"#,
            #"{"input":{"shape":[1,2],"dtype":"float32","b64":"AACAPwAAAEA="},"model":"m"}"#,
            #"{"weights":{"kernel":[[10,1],[0,1]],"bias":[0,0]},"layer":{"units":2},"input":[[1,2]]}"#,
            #"{"layer":{"module":"keras.layers","class_name":"Dense","config":{"units":2,"use_bias":false},"registered_name":null},"weights":{"kernel":[[10,1],[0,1]]},"input":[[1,2]]}"#,
            #"{"layers":[{"units":2},{"class_name":"Activation","config":{"activation":"relu"}}],"weights":[{"kernel":[[10,1],[0,1]],"bias":[0,0]},null],"input":[[1,2]]}"#,
            #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[10,1],[0,1]],"bias":[0,0]}}],"input":[[1,2]]}"#,
            #"{"layers":{"class_name":"Sequential","config":{"layers":[{"class_name":"Dense","config":{"units":2}}]}},"weights":[{"kernel":[[10,1],[0,1]],"bias":[0,0]}],"input":[[1,2]]}"#,
        ])
    func forms(body: String) throws {
        let response = try server.dense(body)
        #expect(response.status == 200, "\(response.text)")
        #expect(try response.json["output"] == .array([.array([.double(10), .double(3)])]))
        #expect(try response.json["shape"] == .array([.int(1), .int(2)]))
    }

    @Test("a model's content addresses it, and the answer names the version")
    func addressesByDigest() throws {
        let registered = try server.register("m").json
        guard case .string(let digest)? = registered["sha256"] else {
            Issue.record("There is no digest.")
            return
        }
        let response = try server.dense(#"{"input":[[1,2]],"model":"sha256:\#(digest)"}"#)
        #expect(response.status == 200)
        #expect(try response.json["version"] == .int(1))
    }

    @Test(
        "the answer's tensors have the form asked for",
        arguments: [
            ("nested", #""output":[[10.0,3.0]],"shape":[1,2]"#),
            ("flat", #""output":{"shape":[1,2],"data":[10.0,3.0]},"shape":[1,2]"#),
            ("base64", #""output":{"shape":[1,2],"dtype":"float32","b64":"AAAgQQAAQEA="},"shape":[1,2]"#),
        ])
    func answersInForm(form: String, text: String) throws {
        let response = try server.dense(#"{"input":[[1,2]],"model":"m","parameters":{"format":"\#(form)"}}"#)
        #expect(response.text == #"{\#(text),"dtype":"float32","version":1}"#)
    }

    @Test(
        "what is not finite follows non_finite",
        arguments: [
            ("token", "[[Infinity,-Infinity,NaN]]"), ("null", "[[null,null,null]]"),
            ("string", #"[["Infinity","-Infinity","NaN"]]"#),
        ])
    func nonFinite(policy: String, text: String) throws {
        let response = try server.dense(Self.overflowing(#","parameters":{"non_finite":"\#(policy)"}"#))
        #expect(response.status == 200)
        #expect(response.text.hasPrefix(#"{"output":\#(text),"#), "\(response.text)")
    }

    @Test("what is not finite is an error that names the first element, unless said otherwise")
    func nonFiniteIsAnError() throws {
        let response = try server.dense(Self.overflowing(""))
        #expect(response.status == 422)
        #expect(response.code == "non_finite_output")
        #expect(response.pointer == "/output/0/0")
        #expect(response.error.contains("received Infinity at /output/0/0."), "\(response.error)")
        #expect(try response.json["received"] == .string("Infinity"))
    }

    /// A call that gives infinity, its negative and NaN.
    private static func overflowing(_ more: String) -> String {
        #"{"input":[[3e38,3e38]],"layer":{"units":3,"use_bias":false},"weights":{"kernel":[[3e38,-3e38,3e38],[3e38,-3e38,0]]}\#(more)}"#
            .split(separator: "[3e38,-3e38,0]").joined(separator: "[3e38,-3e38,-3e38]")
    }

    @Test("logits, losses and warnings come when they are due")
    func extras() throws {
        let response = try server.dense(
            #"""
            {"input":[[1,2]],"layer":{"units":1,"activation":"softmax","kernel_regularizer":{"class_name":"L2","config":{"l2":0.5}}},
             "weights":{"kernel":[[1],[2]],"bias":[1]},"parameters":{"return_logits":true,"return_losses":true}}
            """#)
        #expect(response.status == 200)
        let json = try response.json
        #expect(json["output"] == .array([.array([.double(1)])]))
        #expect(json["logits"] == .array([.array([.double(6)])]))
        #expect(json["losses"] == .array([.double(2.5)]))
        guard case .array(let warnings)? = json["warnings"], case .string(let warning)? = warnings.first else {
            Issue.record("There is no warning: \(response.text)")
            return
        }
        #expect(warning.contains("softmax"))
    }

    @Test("constraints project the weights when that is asked for, and not otherwise", arguments: [true, false])
    func constraints(isAsked: Bool) throws {
        let model = """
            "layer":{"units":2,"kernel_constraint":"non_neg","bias_constraint":{"class_name":"MaxNorm","config":{"max_value":1}}},
            "weights":{"kernel":[[-1,2],[3,-4]],"bias":[0,-8]},"apply_constraints":\(isAsked)
            """
        let expected: ConfigValue = isAsked ? .array([.double(3), .double(1)]) : .array([.double(2), .double(-10)])
        let response = try server.dense(#"{"input":[[1,1]],\#(model)}"#)
        #expect(response.status == 200, "\(response.text)")
        #expect(try response.json["output"] == .array([expected]))

        #expect(try server.register("constrained", "{\(model)}").status == 201)
        let registered = try server.dense(#"{"input":[[1,1]],"model":"constrained"}"#)
        #expect(try registered.json["output"] == .array([expected]))
        let refused = try server.dense(#"{"input":[[1,1]],"model":"constrained","apply_constraints":true}"#)
        #expect(refused.status == 400)
        #expect(refused.error.contains("apply_constraints"), "\(refused.error)")
    }

    @Test("attention scores: one value for each step, as the layer's documentation promises")
    func attention() throws {
        let response = try server.dense(
            #"""
            {"input":[[[1,0,0],[0,1,0]],[[0,0,1],[1,1,1]]],
             "layer":{"units":1,"activation":"tanh"},"weights":{"kernel":[[0.5],[-0.25],[1]],"bias":[0.1]}}
            """#)
        let json = try response.json
        #expect(json["shape"] == .array([.int(2), .int(2), .int(1)]))
        let scores = Self.numbers(json["output"])
        // tanh of 0.6, -0.15, 1.1, 1.35 in float64.
        let expected = [
            0.537_049_566_998_035_3, -0.148_885_033_623_318, 0.800_499_021_760_629_7, 0.874_053_287_886_006_7,
        ]
        for (score, value) in zip(scores, expected) { #expect(abs(score - value) <= 1e-6 + 1e-5 * abs(value)) }
        #expect(scores.count == 4)
    }

    static func numbers(_ value: ConfigValue?) -> [Double] {
        switch value {
        case .array(let elements): elements.flatMap { numbers($0) }
        case .double(let number): [number]
        case .int(let number): [Double(number)]
        default: []
        }
    }

    @Test("without weights the seeded initializer makes the same ones each time")
    func initializes() throws {
        let body =
            #"{"input":[[1,1]],"layer":{"units":4,"kernel_initializer":{"class_name":"GlorotUniform","config":{"seed":7}}}}"#
        let first = try server.dense(body)
        #expect(first.status == 200, "\(first.text)")
        #expect(try server.dense(body).text == first.text)
    }

    @Test("an empty batch gives an empty answer")
    func emptyBatch() throws {
        let response = try server.dense(#"{"input":{"shape":[0,2],"data":[]},"model":"m"}"#)
        #expect(response.text == #"{"output":[],"shape":[0,2],"dtype":"float32","version":1}"#)
    }

    @Test("large requests run on a worker and give the same bits as small ones")
    func large() throws {
        let rows = (0..<4000).map { "[\($0),1]" }.joined(separator: ",")
        let response = try server.dense(#"{"input":[\#(rows)],"model":"m"}"#)
        #expect(response.status == 200)
        let numbers = Self.numbers(try response.json["output"])
        #expect(numbers.count == 8000)
        let expected = (0..<4000).flatMap { row in [Double(10 * row), Double(row + 1)] }
        #expect(numbers == expected)
    }
}
