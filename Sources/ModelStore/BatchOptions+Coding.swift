package import DenseEngine
package import TensorCoding

// How the object `batching` of a model's document is read and written:
// `{"max_batch_rows": 128, "max_queue_delay_us": 500}`.

extension BatchOptions {
    /// The members there can be, with the values each takes.
    package static let members: [(name: String, range: ClosedRange<Int>)] = [
        ("max_batch_rows", 1...65_536), ("max_queue_delay_us", 0...1_000_000), ("max_queue_requests", 1...1_000_000),
        ("max_queue_bytes", 1_024...1 << 44),
    ]

    /// Reads the object; a member that is missing or null leaves its limit to the server.
    package init(_ reader: inout JSONReader) throws(CodingError) {
        self.init()
        try reader.beginObject()
        while let name = try reader.nextField() {
            guard let member = Self.members.first(where: { $0.name == name }) else {
                throw reader.unknownField(allowed: Self.members.map(\.name))
            }
            let place = reader.location
            guard try !reader.readNull() else { continue }
            let value = try reader.readInt()
            guard member.range.contains(value) else {
                throw .integerOutOfRange(value, allowed: member.range, at: place)
            }
            self[name] = value
        }
    }

    /// A limit by its name in documents: one of `members`.
    package subscript(name: String) -> Int? {
        get {
            switch name {
            case "max_batch_rows": maximumRows
            case "max_queue_delay_us": maximumDelay
            case "max_queue_requests": maximumRequests
            case "max_queue_bytes": maximumBytes
            default: nil
            }
        }
        set {
            switch name {
            case "max_batch_rows": maximumRows = newValue
            case "max_queue_delay_us": maximumDelay = newValue
            case "max_queue_requests": maximumRequests = newValue
            case "max_queue_bytes": maximumBytes = newValue
            default: break
            }
        }
    }
}
