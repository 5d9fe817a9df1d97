internal import Crypto
package import DenseEngine

/// The identity of a model's content: SHA-256 over a canonical form of its layers' configurations and weights. The same
/// model has the same digest on every replica, however its JSON was spaced or ordered.
///
/// The canonical form is the line `dense-serve model 1`, then for every layer its configuration and its weights by
/// ascending name. A value is a tag byte and its content; strings, lists and objects carry their length, and the members
/// of objects go by ascending name. Integers are 64 bit, weights float32, those of float64 layers float64, all little-endian. `trainable` is left out: it
/// is the one attribute that may change after registration, and an identity must not.
package struct ModelDigest: Hashable, Sendable, CustomStringConvertible {
    /// 64 lowercase hexadecimal digits.
    package let hexadecimal: String

    package static let prefix = "sha256:"

    /// `sha256:` and the digits, as requests address a model by its content.
    package var description: String { Self.prefix + hexadecimal }

    package init(layers: [(configuration: ConfigValue, weights: [(name: String, tensor: Tensor)])]) {
        var hasher = CanonicalHasher()
        hasher.add("dense-serve model 1")
        hasher.add(layers.count)
        for layer in layers {
            hasher.add(layer.configuration)
            hasher.add(layer.weights.count)
            for (name, tensor) in layer.weights.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                hasher.add(name)
                hasher.add(tensor)
            }
        }
        hexadecimal = hasher.finish()
    }

    /// Reads `sha256:` and 64 hexadecimal digits; `nil` when `text` is anything else.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let digits = text.dropFirst(Self.prefix.count)
        guard digits.utf8.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        hexadecimal = digits.lowercased()
    }
}

/// Feeds values to SHA-256 in the canonical form.
private struct CanonicalHasher {
    private enum Tag: UInt8 {
        case nothing = 0
        case bool, int, double, string, array, object, tensor
    }

    private var hash = SHA256()

    mutating func add(_ value: ConfigValue) {
        switch value {
        case .null: add(Tag.nothing)
        case .bool(let flag):
            add(Tag.bool)
            hash.update(data: [flag ? 1 : 0])
        case .int(let number): add(number)
        case .double(let number):
            // 2 and 2.0 are one number in a configuration.
            if let whole = Int(exactly: number), number.sign == .plus || whole != 0 { return add(whole) }
            add(Tag.double)
            add(word: number.bitPattern)
        case .string(let text): add(text)
        case .array(let elements):
            add(Tag.array)
            add(word: UInt64(elements.count))
            for element in elements { add(element) }
        case .object(let object):
            let members = object.members.filter { $0.name != "trainable" }
            add(Tag.object)
            add(word: UInt64(members.count))
            for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                add(member.name)
                add(member.value)
            }
        }
    }

    mutating func add(_ number: Int) {
        add(Tag.int)
        add(word: UInt64(bitPattern: Int64(number)))
    }

    mutating func add(_ text: String) {
        add(Tag.string)
        add(word: UInt64(text.utf8.count))
        hash.update(data: Array(text.utf8))
    }

    mutating func add(_ tensor: Tensor) {
        add(Tag.tensor)
        add(word: UInt64(tensor.shape.rank))
        for dimension in tensor.shape.dimensions { add(word: UInt64(dimension)) }
        // Every supported machine is little-endian, so the elements are hashed as they lie.
        if let doubles = tensor.doubles {
            add("float64")
            unsafe doubles.withUnsafeBytes { bytes in unsafe hash.update(bufferPointer: bytes) }
            return
        }
        unsafe tensor.elements.withUnsafeBytes { bytes in
            unsafe hash.update(bufferPointer: bytes)
        }
    }

    mutating func finish() -> String {
        String(hexadecimal: hash.finalize())
    }

    private mutating func add(_ tag: Tag) { hash.update(data: [tag.rawValue]) }

    private mutating func add(word: UInt64) {
        hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
    }
}

extension String {
    /// Two lowercase digits for each byte.
    init(hexadecimal bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        self.init(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
