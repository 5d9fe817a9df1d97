package import DenseEngine

/// How a tensor is written.
package enum TensorForm: String, Hashable, Sendable, CaseIterable {
    /// `[[1.0,2.0]]`
    case nested
    /// `{"shape":[1,2],"data":[1.0,2.0]}`
    case flat
    /// `{"shape":[1,2],"dtype":"float32","b64":"AACAPwAAAEA="}`
    case base64
}

/// What becomes of NaN and the infinities, which JSON cannot say.
package enum NonFinitePolicy: String, Hashable, Sendable, CaseIterable {
    /// `CodingError.nonFiniteElement`, in the base64 form, too.
    case error
    /// `NaN`, `Infinity`, `-Infinity`: not JSON, but what Python writes and reads.
    case token
    case null
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`
    case string
}

extension JSONWriter {
    /// The most bytes a tensor can take, so that the buffer can be made once. A size that overflows is the largest there
    /// is.
    package static func capacity(for shape: Shape, form: TensorForm) -> Int {
        let header = 64 + 21 * shape.rank
        // Below this bound nothing overflows.
        guard shape.count <= 1 << 40 else { return .max }
        switch form {
        case .nested: return shape.isProportionate ? textCount(shape.dimensions) : header
        case .flat: return header + textCount([shape.count])
        case .base64: return header + Base64.encodedCount(4 * shape.count)
        }
    }

    /// The most bytes that nested arrays of a shape can take, with the room that the last number, of every part where they
    /// are written in parts, is written in.
    private static func textCount(_ dimensions: [Int]) -> Int {
        let parts = CodingThreads.all.partsToWrite(dimensions.reduce(1, *))
        var count = unsafe parts * TensorText.maximumCount(0, of: dimensions)
        var arrays = 1
        for dimension in dimensions {
            // Two brackets and a comma for each array of this depth.
            count += 3 * arrays
            arrays *= dimension
        }
        return count + (FloatText.maximumCount + 1) * arrays
    }

    /// - Throws: `CodingError.nonFiniteElement` under the policy `error`, and `CodingError.invalidShape` for nested arrays
    ///   that would be nothing but brackets, and millions of them.
    package mutating func write(
        _ tensor: Tensor, form: TensorForm, nonFinite: NonFinitePolicy
    ) throws(CodingError) {
        switch form {
        case .nested:
            guard tensor.shape.isProportionate else { throw .invalidShape(tensor.shape.dimensions, at: nil) }
            try writeNested(tensor.elements, tensor.shape.dimensions, nonFinite)
        case .flat:
            beginObject()
            name("shape")
            write(tensor.shape.dimensions)
            name("data")
            try write(tensor.elements, nonFinite: nonFinite)
            endObject()
        case .base64:
            if nonFinite == .error, let index = tensor.elements.firstIndex(where: { !$0.isFinite }) {
                throw Self.nonFinite(tensor.elements[index], at: index, tensor.shape.dimensions)
            }
            beginObject()
            name("shape")
            write(tensor.shape.dimensions)
            name("dtype")
            write(DType.float32.rawValue)
            name("b64")
            writeBase64(tensor.elements)
            endObject()
        }
    }

    /// A flat array of numbers.
    package mutating func write(_ values: [Float], nonFinite: NonFinitePolicy) throws(CodingError) {
        try writeNested(values, [values.count], nonFinite)
    }

    private mutating func writeNested(
        _ values: [Float], _ dimensions: [Int], _ policy: NonFinitePolicy
    ) throws(CodingError) {
        beginValue()
        let parts = threads.partsToWrite(values.count)
        if parts == 1 { return try writeWhole(values, dimensions, policy) }
        let ranges = (0..<parts).map { CodingThreads.range($0, of: parts, values.count) }
        // Each part has room for the most it may need; afterwards they are pushed together.
        let rooms = ranges.map { unsafe TensorText.maximumCount($0.count, of: dimensions) }
        var failed: Int?
        bytes.append(addingCapacity: rooms.reduce(0, +)) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                let written = unsafe TensorText.write(values, ranges, dimensions, policy, to: start, rooms: rooms)
                switch written {
                case .success(let bytes): count = bytes
                case .failure(let failure): failed = failure.index
                }
            }
        }
        if let failed { throw Self.nonFinite(values[failed], at: failed, dimensions) }
    }

    /// Writes nested arrays in one part.
    private mutating func writeWhole(
        _ values: [Float], _ dimensions: [Int], _ policy: NonFinitePolicy
    ) throws(CodingError) {
        var failed: Int?
        bytes.append(addingCapacity: Self.textCount(dimensions)) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe TensorText.withWriter(values, 0..<values.count, dimensions, policy, into: start) { writer in
                        if unsafe writer.write() { count = unsafe writer.count } else { failed = unsafe writer.index }
                    }
                }
            }
        }
        if let failed { throw Self.nonFinite(values[failed], at: failed, dimensions) }
    }

    private mutating func writeBase64(_ values: [Float]) {
        beginValue()
        let count = Base64.encodedCount(4 * values.count)
        bytes.append(UInt8(ascii: "\""))
        let octets = 1.littleEndian == 1 ? values : values.map { Float(bitPattern: $0.bitPattern.littleEndian) }
        bytes.append(addingCapacity: count) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, written in
                unsafe octets.withUnsafeBytes { unsafe Base64.encode($0, into: UnsafeMutableRawBufferPointer(buffer)) }
                written = count
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func nonFinite(_ value: Float, at index: Int, _ dimensions: [Int]) -> CodingError {
        var rest = index
        var pointer = ""
        for dimension in dimensions.reversed() {
            pointer = "/\(rest % dimension)" + pointer
            rest /= dimension
        }
        return .nonFiniteElement(value, index: index, pointer: pointer)
    }
}
