/// Writes into memory that somebody else made large enough, without asking again for every byte.
///
/// It checks each piece against the room that is left: whoever reckoned too little traps here instead of writing behind
/// the end.
@safe struct ByteWriter: ~Copyable {
    private var next: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>

    /// - Parameter memory: room for everything that will be written; must outlive the writer.
    init(_ memory: UnsafeMutableBufferPointer<UInt8>, start: UnsafeMutablePointer<UInt8>) {
        unsafe next = start
        unsafe end = start + memory.count
    }

    /// How many bytes still fit.
    var room: Int { unsafe end - next }

    @inline(__always) mutating func append(_ byte: UInt8) {
        precondition(room >= 1)
        unsafe next.pointee = byte
        unsafe next += 1
    }

    @inline(__always) mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(room >= bytes.count)
        guard let source = bytes.baseAddress else { return }
        unsafe next.update(from: source, count: bytes.count)
        unsafe next += bytes.count
    }

    @inline(__always) mutating func append(_ text: StaticString) {
        unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append($0) }
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append($0) }
    }

    /// Appends text with each byte that may not stand in a field value made a space.
    mutating func append(fieldValue text: String) {
        var text = text
        text.withUTF8 { bytes in
            precondition(room >= bytes.count)
            for index in 0..<bytes.count {
                let byte = unsafe bytes[index]
                unsafe next[index] = byte.isFieldValue ? byte : ASCII.space
            }
            unsafe next += bytes.count
        }
    }

    /// Lets `write` append at most `count` bytes.
    mutating func append(atMost count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        precondition(room >= count)
        var span = unsafe OutputSpan(buffer: UnsafeMutableBufferPointer(start: next, count: count), initializedCount: 0)
        write(&span)
        let written = unsafe span.finalize(for: UnsafeMutableBufferPointer(start: next, count: count))
        unsafe next += written
    }

    /// Appends the decimal digits.
    mutating func append(_ number: Int) {
        guard number >= 0 else { return append(String(number)) }
        var digits = 1
        var bound = 10
        while digits < 19, number >= bound {
            digits += 1
            bound = digits < 19 ? bound * 10 : .max
        }
        precondition(room >= digits)
        var rest = number
        for index in stride(from: digits - 1, through: 0, by: -1) {
            unsafe next[index] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        unsafe next += digits
    }
}
