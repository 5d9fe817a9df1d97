/// Keras's `InputLayer`: says, and checks, what shape a model's input has.
///
/// - input:  a shape that agrees with `batchShape`
/// - output: the input
package struct InputLayer: Hashable, Sendable {
    package var name: String?
    /// With the batch axis first; `nil` stands for any size.
    package var batchShape: [Int?]

    package init(batchShape: [Int?], name: String? = nil) {
        self.batchShape = batchShape
        self.name = name
    }
}
