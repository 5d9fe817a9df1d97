/// Where the time of a computed request went, and with how many others it was computed.
struct AnswerTimes: Sendable {
    /// Nanoseconds of each part.
    var decode = 0
    var queue = 0
    var compute = 0
    var encode = 0
    /// Of the batch it was part of; its own where it was computed by itself.
    var rows = 0
    var requests = 1
}

extension AnswerTimes {
    /// The fields that tell a client (Server Timing, W3C, section 3): milliseconds, and the size of the batch.
    ///
    ///     Server-Timing: decode;dur=0.017, queue;dur=0.250, compute;dur=0.310, encode;dur=0.015
    ///     Dense-Batch: rows=24, requests=24
    var headers: [(name: String, value: String)] {
        [
            (
                name: "Server-Timing",
                value: unsafe String(unsafeUninitializedCapacity: 4 * 32) { buffer in
                    var text = unsafe FieldText(buffer)
                    text.append("decode;dur=")
                    text.append(milliseconds: decode)
                    text.append(", queue;dur=")
                    text.append(milliseconds: queue)
                    text.append(", compute;dur=")
                    text.append(milliseconds: compute)
                    text.append(", encode;dur=")
                    text.append(milliseconds: encode)
                    return text.count
                }
            ),
            (
                name: "Dense-Batch",
                value: unsafe String(unsafeUninitializedCapacity: 64) { buffer in
                    var text = unsafe FieldText(buffer)
                    text.append("rows=")
                    text.append(UInt(max(rows, 0)))
                    text.append(", requests=")
                    text.append(UInt(max(requests, 0)))
                    return text.count
                }
            ),
        ]
    }
}

/// ASCII text written by hand into a string's own memory, which has room for all of it: a formatter would cost more than
/// the smallest requests take to compute.
@safe private struct FieldText {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        unsafe (self.buffer = buffer)
    }

    mutating func append(_ byte: UInt8) {
        guard unsafe count < buffer.count else { return }
        unsafe buffer[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            for index in bytes.indices { unsafe append(bytes[index]) }
        }
    }

    mutating func append(_ number: UInt) {
        var divisor: UInt = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Nanoseconds as milliseconds with three decimals, rounded.
    mutating func append(milliseconds nanoseconds: Int) {
        let microseconds = UInt((max(nanoseconds, 0) &+ 500).magnitude / 1000)
        append(microseconds / 1000)
        append(UInt8(ascii: "."))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: microseconds / 100 % 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: microseconds / 10 % 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: microseconds % 10))
    }
}
