import DenseEngine
import ModelStore
import Testing

@Suite("ModelDigest")
struct ModelDigestTests {
    private func digest(_ json: String) throws -> ModelDigest {
        ModelContent(try ModelDocument(json: Array(json.utf8)).build()).digest
    }

    @Test(
        "white space, key order, defaults and number spelling do not change it",
        arguments: [
            #"{"layers":[{"weights":{"bias":[0,0],"kernel":[[1,2]]},"layer":{"activation":"relu","units":2}}]}"#,
            #"{ "layers" : [ {"layer": {"units":2,"activation":"relu","use_bias":true}, "weights": {"kernel": [[1.0, 2e0]], "bias": [0.0, 0]} } ] }"#,
            #"{"weights":{"kernel":[[1,2]],"bias":[0,0]},"layer":{"units":2,"activation":"relu"}}"#,
            #"{"layer":{"class_name":"Dense","config":{"units":2,"activation":"relu"}},"weights":{"kernel":{"shape":[1,2],"data":[1,2]},"bias":[0,0]}}"#,
            #"{"layer":{"units":2,"activation":"relu","trainable":false},"weights":{"kernel":[[1,2]],"bias":{"shape":[2],"dtype":"float32","b64":"AAAAAAAAAAA="}}}"#,
        ])
    func isCanonical(json: String) throws {
        let reference = #"{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2]],"bias":[0,0]}}"#
        #expect(try digest(json) == digest(reference))
    }

    @Test(
        "whatever changes the computation changes it",
        arguments: [
            #"{"layer":{"units":2,"activation":"tanh"},"weights":{"kernel":[[1,2]],"bias":[0,0]}}"#,
            #"{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2.0000002]],"bias":[0,0]}}"#,
            #"{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2]],"bias":[0,-0.0]}}"#,
            #"{"layer":{"units":2,"activation":"relu","use_bias":false},"weights":{"kernel":[[1,2]]}}"#,
            #"{"layer":{"units":2,"activation":"relu","dtype":"bfloat16"},"weights":{"kernel":[[1,2]],"bias":[0,0]}}"#,
            #"{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2],[0,0]],"bias":[0,0]}}"#,
            #"{"layers":[{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2]],"bias":[0,0]}},{"layer":{"class_name":"Dropout","config":{"rate":0.5}}}]}"#,
        ])
    func tellsModelsApart(json: String) throws {
        let reference = #"{"layer":{"units":2,"activation":"relu"},"weights":{"kernel":[[1,2]],"bias":[0,0]}}"#
        #expect(try digest(json) != digest(reference))
    }

    @Test("it is the same on every machine and in every release")
    func isStable() throws {
        let content = try ModelSamples.content()
        #expect(content.digest.description == "sha256:" + content.digest.hexadecimal)
        #expect(content.digest.hexadecimal == "e28c0aaa754c61ca58720bc17dd7f243d35a2c56bdaf59f3f5a6c4977c2cbb7c")
    }

    @Test(
        "only the prefix and 64 hexadecimal digits are read",
        arguments: [
            "", "sha256:", "sha256:12", "sha512:" + String(repeating: "a", count: 64),
            String(repeating: "a", count: 64),
            "sha256:" + String(repeating: "g", count: 64), "sha256:" + String(repeating: "a", count: 65),
        ])
    func refusesOtherText(text: String) {
        #expect(ModelDigest(text) == nil)
    }

    @Test("capital digits mean the same")
    func readsCapitals() {
        let digits = String(repeating: "Ab", count: 32)
        #expect(ModelDigest("sha256:" + digits)?.hexadecimal == digits.lowercased())
    }
}
