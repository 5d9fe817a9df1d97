/// The numbers of one repeated field, packed or not, wherever they lie in a message: read in place, without a list of them.
@safe package struct ProtobufNumbers {
    /// How each is encoded.
    package enum Encoding: Sendable {
        case varint, fixed32, fixed64

        fileprivate var type: ProtobufReader.WireType {
            switch self {
            case .varint: .varint
            case .fixed32: .fixed32
            case .fixed64: .fixed64
            }
        }

        fileprivate var width: Int {
            switch self {
            case .varint: 1
            case .fixed32: 4
            case .fixed64: 8
            }
        }
    }

    private let message: UnsafeRawBufferPointer
    private let ranges: [Range<Int>]
    private let number: Int
    private let encoding: Encoding

    /// - Parameter ranges: the messages that have the field; one message may come in several pieces, which count as one.
    package init(_ message: UnsafeRawBufferPointer, _ ranges: [Range<Int>], field number: Int, _ encoding: Encoding) {
        unsafe self.message = message
        self.ranges = ranges
        self.number = number
        self.encoding = encoding
    }

    private func forEachPiece(
        _ body: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        for range in ranges {
            var reader = unsafe ProtobufReader(message, in: range)
            while let field = try reader.nextField() {
                let start = reader.position
                if field.number == number, field.type == .bytes {
                    let packed = try reader.delimited()
                    let rest = packed.count % encoding.width
                    guard rest == 0 else { throw .truncated(at: packed.upperBound, missing: encoding.width - rest) }
                    try unsafe body(reader.slice(packed))
                } else {
                    try reader.skip(field.type)
                    if field.number == number, field.type == encoding.type {
                        try unsafe body(reader.slice(start..<reader.position))
                    }
                }
            }
        }
    }

    /// How many there are.
    package func count() throws(ProtobufError) -> Int {
        var count = 0
        try unsafe forEachPiece { piece in
            switch encoding {
            case .varint: count += unsafe piece.count { $0 & 0x80 == 0 }
            case .fixed32, .fixed64: count += piece.count / encoding.width
            }
        }
        return count
    }

    /// Copies the numbers, of fixed 32 bits, as the floats they are.
    ///
    /// - Parameter elements: as many as there are.
    package func copy(into elements: UnsafeMutableBufferPointer<Float>) throws(ProtobufError) {
        let room = UnsafeMutableRawBufferPointer(elements)
        var position = 0
        try unsafe forEachPiece { piece in
            let count = min(piece.count, room.count - position)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[position..<position + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
            position += count
        }
    }

    /// Shows each: the bits of a varint or of 64 fixed ones.
    package func forEach(_ body: (UInt64) -> Void) throws(ProtobufError) {
        try unsafe forEachPiece { piece throws(ProtobufError) in
            var reader = unsafe ProtobufReader(piece)
            while !reader.isAtEnd {
                switch encoding {
                case .varint: body(try reader.varint())
                case .fixed32: body(UInt64(try reader.fixed32()))
                case .fixed64: body(try reader.fixed64())
                }
            }
        }
    }
}
