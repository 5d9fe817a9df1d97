import DenseEngine
import ModelStore
import TensorCoding
import Testing

@Suite("ModelDocument")
struct ModelDocumentTests {
    private static let weights = #"{"kernel":[[1,2],[3,4]],"bias":[5,6]}"#

    @Test(
        "every form of a document gives the same model",
        arguments: [
            #"{"layer":{"units":2},"weights":W}"#,
            #"{"weights":W,"layer":{"units":2}}"#,
            #"{"layers":[{"layer":{"units":2},"weights":W}]}"#,
            #"{"layers":[{"weights":W,"layer":{"units":2}}]}"#,
            #"{"layers":[{"units":2}],"weights":[W]}"#,
            #"{"weights":[W],"layers":[{"class_name":"Dense","config":{"units":2}}]}"#,
            #"{"layers":[{"class_name":"Dense","config":{"units":2},"weights":W}]}"#,
            #"{"units":2,"weights":W}"#,
            #"{"layer":{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"Dense","config":{"units":2}}]}},"weights":[W]}"#,
            #"{"name":"s","trainable":true,"layers":[{"class_name":"Dense","config":{"units":2}}],"build_input_shape":[null,2],"weights":[W]}"#,
        ])
    func readsForms(form: String) throws {
        let json = form.split(separator: "W", omittingEmptySubsequences: false).joined(separator: Self.weights)
        let network = try ModelDocument(json: Array(json.utf8)).build()
        #expect(try network(Tensor([1, 2], [1, 10])).output == Tensor([1, 2], [36, 48]))
    }

    @Test("what the store writes as JSON registers the same content again")
    func roundTripsJSON() throws {
        let json = """
            {"layers":[{"layer":{"class_name":"InputLayer","config":{"batch_shape":[null,2]}}},
            {"layer":{"units":2,"activation":{"name":"leaky_relu","negative_slope":0.01},"kernel_regularizer":"l2"},
             "weights":{"kernel":[[0.1,-3e38],[1e-45,4]],"bias":[5,6]}},
            {"layer":{"units":1,"use_bias":false},"weights":{"kernel":[[0.3333333],[-0.0]]}},
            {"layer":{"class_name":"Activation","config":{"activation":"softmax"}}}]}
            """
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        let first = try registry.register("m", ModelDocument(json: Array(json.utf8))).model
        let again = try registry.register("m", ModelDocument(json: first.json))
        #expect(!again.isNew)
        #expect(again.model.version == 1)
    }

    @Test("weights that are not finite survive the JSON form")
    func roundTripsNonFinite() throws {
        let layer = LayerSpecification(
            .dense(DenseConfiguration(units: 1, useBias: false)),
            weights: ["kernel": try Tensor([3, 1], [.infinity, -.infinity, 0.5])])
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        let first = try registry.register("m", ModelDocument(layers: [layer])).model
        #expect(try !registry.register("m", ModelDocument(json: first.json)).isNew)
    }

    @Test(
        "a document that cannot be a model is refused with the place",
        arguments: [
            (#"[]"#, "coding"), (#"{"layers":[}"#, "coding"), (#"{}"#, "noLayers"), (#"{"layers":[]}"#, "noLayers"),
            (#"{"layer":{"units":1},"layers":[{"units":1}]}"#, "conflictingMembers"),
            (#"{"layers":[{"units":1}],"layer":{"units":1}}"#, "conflictingMembers"),
            (#"{"layer":{"units":1},"more":1}"#, "unknownMember"),
            (#"{"layers":[{"layer":{"units":1},"weight":1}]}"#, "unknownMember"),
            (#"{"layers":[{"units":1},{"units":1}],"weights":[{}]}"#, "weightCountMismatch"),
            (#"{"layers":[{"layer":{"units":1},"weights":{}}],"weights":[{}]}"#, "conflictingMembers"),
            (#"{"layer":{"units":0}}"#, "engine"), (#"{"layers":[7]}"#, "engine"),
            (#"{"layer":{"units":1},"weights":{"kernel":[[1],[2,3]]}}"#, "coding"),
            (#"{"layer":{"units":1},"weights":{"kernel":"x"}}"#, "coding"),
        ])
    func refuses(json: String, kind: String) throws {
        do throws(ModelStoreError) {
            _ = try ModelDocument(json: Array(json.utf8)).build()
            Issue.record("\(json) was taken.")
        } catch {
            #expect(
                "\(Mirror(reflecting: error).children.first?.label ?? "\(error)")" == kind
                    || "\(error)".contains("at least one layer"))
        }
    }

    @Test("a configuration's error leads to it from the document's root")
    func pathsErrors() throws {
        let json = #"{"layers":[{"layer":{"units":1}},{"layer":{"units":1,"activation":"nope"}}]}"#
        do throws(ModelStoreError) {
            _ = try ModelDocument(json: Array(json.utf8))
            Issue.record("The activation was taken.")
        } catch {
            guard case .engine(.unknownIdentifier, let path) = error else {
                Issue.record("Expected an unknown identifier, received \(error).")
                return
            }
            #expect(path == ["layers", "1", "layer", "activation"])
        }
    }
}
