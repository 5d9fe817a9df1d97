/// What was found in the store and cannot be used.
package struct StoredDamage: Hashable, Sendable {
    package let name: String
    /// Nil where it is the model's manifest.
    package let version: Int?
    /// A full sentence.
    package let reason: String
}
