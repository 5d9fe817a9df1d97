import CSimdjson
package import DenseEngine

extension JSONReader {
    /// A value that was checked and passed over, to be read when it is known what it is.
    package struct Postponed {
        fileprivate let token: Int
    }

    /// Passes over the next value, which `read` then reads. Within the object or array that it is in.
    package mutating func postponeValue() throws(CodingError) -> Postponed {
        let postponed = Postponed(token: token)
        try skipValue()
        return postponed
    }

    /// What the array that comes next begins with, by its first byte; nil where it is empty, or no array.
    package var kindOfFirstElement: JSONKind? {
        guard peek() == UInt8(ascii: "["), unsafe token + 1 < document.token_count else { return nil }
        switch unsafe document.bytes[Int(document.offsets[token + 1])] {
        case UInt8(ascii: "]"): return nil
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: return .number
        }
    }

    /// Reads a value that was passed over.
    package mutating func read<Result>(
        _ postponed: Postponed, _ body: (inout JSONReader) throws(CodingError) -> Result
    ) throws(CodingError) -> Result {
        let end = token
        token = postponed.token
        defer { token = end }
        return try body(&self)
    }

    /// The elements of nested arrays, or of a flat one, of an element type: numbers within its range, or booleans.
    ///
    /// - Throws: for text that is no such arrays, for numbers out of range, and `elementCountMismatch` for another number of
    ///   elements than `shape` has.
    package mutating func readElements(_ type: ElementType, shape: Shape) throws(CodingError) -> Tensor {
        let start = location
        try require(.array, "an array")
        // What is not given in float64 is what its own type has it as, whoever takes it.
        if readsDoubles, type != .float32, type != .float16, type != .bfloat16 {
            var walked: [Double] = []
            try walk(depth: 0) { (reader) throws(CodingError) in walked.append(try reader.doubleElement(type)) }
            guard let tensor = try? Tensor(shape: shape, doubles: walked) else {
                throw .elementCountMismatch(shape: shape, received: walked.count, at: start)
            }
            return tensor
        }
        let elements: [Float]
        switch type {
        case .float32: elements = try floatTensor().elements
        case .float16, .bfloat16:
            elements = try rounded(floatTensor().elements, type, at: start)
        case .float64, .bool, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64:
            var walked: [Float] = []
            try walk(depth: 0) { (reader) throws(CodingError) in walked.append(try reader.element(type)) }
            elements = walked
        }
        guard let tensor = try? Tensor(shape: shape, elements: elements) else {
            throw .elementCountMismatch(shape: shape, received: elements.count, at: start)
        }
        return tensor
    }

    /// As the type itself would carry them.
    private func rounded(
        _ elements: [Float], _ type: ElementType, at location: JSONLocation
    ) throws(CodingError) -> [Float] {
        var rounded: [Float] = []
        rounded.reserveCapacity(elements.count)
        for element in elements {
            let value =
                type == .float16
                ? DType.float(float16: DType.float16Bits(element))
                : DType.float(bfloat16: DType.bfloat16Bits(element))
            guard value.isFinite || !element.isFinite else {
                throw .numberOutOfRange("\(element)", type: type == .float16 ? .float16 : .bfloat16, at: location)
            }
            rounded.append(value)
        }
        return rounded
    }

    private mutating func walk(
        depth: Int, _ element: (inout JSONReader) throws(CodingError) -> Void
    ) throws(CodingError) {
        guard depth < Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth, at: location) }
        try beginArray()
        while try nextElement() {
            if try nextKind() == .array {
                try walk(depth: depth + 1, element)
            } else {
                try element(&self)
            }
        }
    }

    private mutating func doubleElement(_ type: ElementType) throws(CodingError) -> Double {
        if type == .float64 { return try readDouble() }
        if type == .uint64, try nextKind() == .number, let large = UInt64(numberText), large > Int.max {
            _ = try double()
            return Double(large)
        }
        guard let allowed = type.integers else { return Double(try element(type)) }
        let place = location
        let value = try readInt()
        guard allowed.contains(value) else { throw .integerOutOfRange(value, allowed: allowed, at: place) }
        return Double(value)
    }

    private mutating func element(_ type: ElementType) throws(CodingError) -> Float {
        if type == .bool { return try readBool() ? 1 : 0 }
        let place = location
        guard let allowed = type.integers else {
            let text = numberText
            let value = try readDouble()
            let nearest = Float(value)
            guard nearest.isFinite || !value.isFinite else {
                throw .numberOutOfRange(text, type: .float32, at: place)
            }
            return nearest
        }
        if type == .uint64, try nextKind() == .number, let large = UInt64(numberText), large > Int.max {
            _ = try double()
            return Float(large)
        }
        let value = try readInt()
        guard allowed.contains(value) else { throw .integerOutOfRange(value, allowed: allowed, at: place) }
        return Float(value)
    }
}
