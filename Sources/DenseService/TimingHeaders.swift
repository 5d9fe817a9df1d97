internal import HTTPServer

/// Where the time of a computed request went, and with how many others it was computed. Both fit the fields that tell a
/// client of them: 32 bits each, and what is more counts as the most.
struct AnswerTimes: Sendable {
    /// Microseconds of each part.
    private let decode, queue, compute, encode: UInt32
    /// Of the batch it was part of; its own where it was computed by itself.
    private let rows, requests: UInt32

    /// From nanoseconds.
    init(decode: Int, queue: Int, compute: Int, encode: Int, rows: Int, requests: Int) {
        self.decode = Self.microseconds(decode)
        self.queue = Self.microseconds(queue)
        self.compute = Self.microseconds(compute)
        self.encode = Self.microseconds(encode)
        self.rows = UInt32(clamping: rows)
        self.requests = UInt32(clamping: requests)
    }

    private static func microseconds(_ nanoseconds: Int) -> UInt32 {
        UInt32(clamping: (max(nanoseconds, 0) &+ 500) / 1000)
    }
}

/// The fields that tell a client (Server Timing, W3C, section 3): milliseconds, and the size of the batch.
///
///     Server-Timing: decode;dur=0.017, queue;dur=0.250, compute;dur=0.310, encode;dur=0.015
///     Dense-Batch: rows=24, requests=24
extension AnswerTimes: HTTPFieldSource {
    var mostBytes: Int { 200 }

    func forEachField(
        _ body: (_ name: StaticString, _ count: Int, _ value: (inout OutputSpan<UInt8>) -> Void) -> Void
    ) {
        // Each number has at most eleven characters with its point.
        body("Server-Timing", 100) { text in
            text.append("decode;dur=")
            Self.append(decode, to: &text)
            text.append(", queue;dur=")
            Self.append(queue, to: &text)
            text.append(", compute;dur=")
            Self.append(compute, to: &text)
            text.append(", encode;dur=")
            Self.append(encode, to: &text)
        }
        body("Dense-Batch", 40) { text in
            text.append("rows=")
            text.append(rows)
            text.append(", requests=")
            text.append(requests)
        }
    }

    /// Microseconds as milliseconds.
    private static func append(_ microseconds: UInt32, to text: inout OutputSpan<UInt8>) {
        text.append(thousandths: microseconds)
    }
}
