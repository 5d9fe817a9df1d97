import Glibc

/// A request's header fields: the head's bytes, kept once, and where each name and value lies in them.
///
/// Looking a field up compares bytes without regard to case and makes a String only of the value that was asked for.
package struct HTTPHeaders: Sendable {
    /// Where one field lies in `bytes`.
    struct Field: Sendable {
        var name: Range<UInt32>
        var value: Range<UInt32>
    }

    /// The whole head, request line included.
    let bytes: [UInt8]
    let fields: [Field]
    /// Which lengths names have, a bit each, modulo 64: most of the names that are looked up are not there.
    private let nameLengths: UInt64

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
        nameLengths = fields.reduce(0) { $0 | Self.bit($1.name.count) }
    }

    private static func bit(_ length: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: length) }

    /// No fields.
    package static let none = HTTPHeaders(bytes: [], fields: [])

    /// How many fields there are; a repeated field counts each time.
    package var count: Int { fields.count }

    /// The value of the first field of this name, whatever its case, without the white space around it; bytes that are
    /// no UTF-8 are replaced.
    package subscript(_ name: String) -> String? {
        first(name).map { String(decoding: bytes[range($0.value)], as: UTF8.self) }
    }

    /// Whether there is a field of this name.
    package func contains(_ name: String) -> Bool { first(name) != nil }

    /// The values of all fields of this name, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { matches($0, name) }.map { String(decoding: bytes[range($0.value)], as: UTF8.self) }
    }

    /// Shows the bytes of every value of this name, in order; no copy is made.
    package func forEachValue(of name: String, _ body: (ArraySlice<UInt8>) -> Void) {
        var name = name
        name.withUTF8 { name in
            for field in fields where unsafe matches(field, name) { body(bytes[range(field.value)]) }
        }
    }

    /// The bytes of the first value of this name; no copy is made.
    package func bytes(_ name: String) -> ArraySlice<UInt8>? {
        first(name).map { bytes[range($0.value)] }
    }

    /// Shows the bytes of all values of this name, in order; no copy is made.
    package func forEachValue(_ name: String, _ body: (Span<UInt8>) -> Void) {
        for field in fields where matches(field, name) { body(bytes.span.extracting(range(field.value))) }
    }

    /// Whether the first value of this name is exactly `text`, letter case included. Makes no String.
    package func value(of name: String, is text: StaticString) -> Bool {
        guard let field = first(name), field.value.count == text.utf8CodeUnitCount else { return false }
        let start = Int(field.value.lowerBound)
        for index in 0..<field.value.count {
            guard unsafe bytes[start + index] == text.utf8Start[index] else { return false }
        }
        return true
    }

    /// Every field in order, as text.
    package var all: [(name: String, value: String)] {
        fields.map {
            (
                String(decoding: bytes[range($0.name)], as: UTF8.self),
                String(decoding: bytes[range($0.value)], as: UTF8.self)
            )
        }
    }

    private func first(_ name: String) -> Field? {
        guard nameLengths & Self.bit(name.utf8.count) != 0 else { return nil }
        var name = name
        return name.withUTF8 { name in
            for field in fields where unsafe matches(field, name) { return field }
            return nil
        }
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { unsafe matches(field, $0) }
    }

    private func matches(_ field: Field, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard field.name.count == name.count else { return false }
        let start = Int(field.name.lowerBound)
        // Most clients write names as everybody does.
        let isEqual = unsafe bytes.withUnsafeBytes { bytes in
            guard let name = name.baseAddress, let base = bytes.baseAddress else { return true }
            return unsafe memcmp(base + start, name, field.name.count) == 0
        }
        if isEqual { return true }
        for index in 0..<name.count {
            guard unsafe bytes[start + index].lowercasedASCII == name[index].lowercasedASCII else { return false }
        }
        return true
    }

    private func range(_ range: Range<UInt32>) -> Range<Int> { Int(range.lowerBound)..<Int(range.upperBound) }
}
