/// Text, byte by byte, into memory that was made large enough.
extension OutputSpan<UInt8> {
    /// The bytes of a text.
    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Bytes as they are.
    @inlinable @inline(__always)
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= bytes.count)
            guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
            unsafe (target + count).update(from: source, count: bytes.count)
            count += bytes.count
        }
    }

    /// The last `width` digits of a number that is not negative, zeros before it where it has fewer.
    @inlinable @inline(__always)
    package mutating func append(digits number: Int, width: Int) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= width)
            var rest = number.magnitude
            for index in stride(from: count + width - 1, through: count, by: -1) {
                unsafe buffer[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            count += width
        }
    }

    /// A number of thousandths, with three digits after the point: eleven characters at most.
    @inlinable @inline(__always)
    package mutating func append(thousandths number: UInt32) {
        let (whole, rest) = (number / 1000, number % 1000)
        guard whole < 10, freeCapacity >= 8 else {
            append(whole)
            append(UInt8(ascii: "."))
            return append(digits: Int(rest), width: 3)
        }
        // Nearly all: five characters in one word.
        let word =
            0x30_3030_2E30 + UInt64(whole) + UInt64(rest / 100) << 16 + UInt64(rest / 10 % 10) << 24
            + UInt64(rest % 10) << 32
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            guard let target = buffer.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(target + count).storeBytes(of: word.littleEndian, as: UInt64.self)
            count += 5
        }
    }

    /// The decimal digits of a number, ten at most.
    @inlinable @inline(__always)
    package mutating func append(_ number: UInt32) {
        var width = 1
        var bound: UInt64 = 10
        while UInt64(number) >= bound {
            width += 1
            bound *= 10
        }
        append(digits: Int(number), width: width)
    }
}
