import DenseEngine
import ModelStore

/// Models for the tests.
enum ModelSamples {
    /// `Dense(2)` on three features, linear, whose kernel's first element is `seed`.
    static func document(_ seed: Float = 1) throws -> ModelDocument {
        try ModelDocument(json: Array(json(seed).utf8))
    }

    static func json(_ seed: Float = 1) -> String {
        """
        {"layers": [{"layer": {"units": 2}, "weights": {"kernel": [[\(seed), 2], [3, 4], [5, 6]], "bias": [0.5, -0.5]}}]}
        """
    }

    /// A term of rank 1 for the layer of such a document, whose first element is `seed`.
    static func adapter(_ seed: Float = 1) throws(ModelStoreError) -> AdapterDocument {
        let text = #"{"layers": {"dense": {"lora_kernel_a": [[\#(seed)], [2], [3]], "lora_kernel_b": [[1, 0.5]]}}}"#
        return try AdapterDocument(file: Array(text.utf8))
    }

    static func content(_ seed: Float = 1) throws -> ModelContent { ModelContent(try document(seed).build()) }
}
