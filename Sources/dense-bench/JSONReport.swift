internal import TensorCoding

/// `dense-bench json`, for people and for programs.
package enum JSONReport {
    package static let title = [
        "numbers", "direction", "threads", "ns a number", "median", "MB/s", "other ns", "copy ns",
    ]
    static let widths = [16, 9, -7, -11, -8, -8, -9, -8]

    package static func cells(_ result: JSONResult) -> [String] {
        [
            result.style.rawValue, result.direction.rawValue, String(result.threads), result.nanoseconds.fixed(2),
            (result.time.median / Double(result.numbers) * 1e9).fixed(2), (result.bytesPerSecond / 1e6).fixed(0),
            result.nanoseconds(result.reference).fixed(2), result.nanoseconds(result.copy).fixed(2),
        ]
    }

    /// As one JSON array. Times are in seconds for a whole document.
    package static func json(_ results: [JSONResult]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for result in results { write(result, to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    private static func write(_ result: JSONResult, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("style", result.style.rawValue)
        writer.member("direction", result.direction.rawValue)
        for (name, value) in [("threads", result.threads), ("numbers", result.numbers), ("bytes", result.bytes)] {
            writer.member(name, value)
        }
        writer.member("nanoseconds_per_number", result.nanoseconds)
        writer.member("bytes_per_second", result.bytesPerSecond)
        let reference = result.direction == .decode ? "simdjson_on_demand" : "std_to_chars"
        for (name, time) in [("seconds", result.time), (reference, result.reference), ("memcpy", result.copy)] {
            writer.name(name)
            writer.beginObject()
            writer.member("best", time.best)
            writer.member("median", time.median)
            writer.endObject()
        }
        writer.endObject()
    }
}
