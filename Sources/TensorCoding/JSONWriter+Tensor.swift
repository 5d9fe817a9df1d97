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
    package static func capacity(for shape: Shape, form: TensorForm, type: DType = .float32) -> Int {
        let header = 64 + 21 * shape.rank
        // Below this bound nothing overflows.
        guard shape.count <= 1 << 40 else { return .max }
        let more = type == .float64 ? (DoubleText.maximumCount - FloatText.maximumCount) * shape.count : 0
        switch form {
        case .nested: return shape.isProportionate ? textCount(shape.dimensions) + more : header
        case .flat: return header + textCount([shape.count]) + more
        case .base64: return header + Base64.encodedCount(type.size * shape.count)
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
            try writeNested(tensor, tensor.shape.dimensions, nonFinite)
        case .flat:
            beginObject()
            name("shape")
            write(tensor.shape.dimensions)
            name("data")
            try writeFlat(tensor, nonFinite: nonFinite)
            endObject()
        case .base64:
            if nonFinite == .error, let index = tensor.firstNonFinite {
                throw Self.nonFinite(tensor.elements[index], at: index, tensor.shape.dimensions)
            }
            beginObject()
            name("shape")
            write(tensor.shape.dimensions)
            name("dtype")
            write(tensor.type.rawValue)
            name("b64")
            writeBase64(tensor)
            endObject()
        }
    }

    /// A flat array of numbers.
    package mutating func write(_ values: [Float], nonFinite: NonFinitePolicy) throws(CodingError) {
        try writeNested(values, [values.count], nonFinite)
    }

    /// A tensor's elements in a flat array.
    package mutating func writeFlat(_ tensor: Tensor, nonFinite: NonFinitePolicy) throws(CodingError) {
        try writeNested(tensor, [tensor.shape.count], nonFinite)
    }

    private mutating func writeNested(
        _ tensor: Tensor, _ dimensions: [Int], _ policy: NonFinitePolicy
    ) throws(CodingError) {
        if let doubles = tensor.doubles { return try writeNested(doubles, dimensions, policy) }
        try writeNested(tensor.elements, dimensions, policy, tensor.type)
    }

    private mutating func writeNested(
        _ values: [Float], _ dimensions: [Int], _ policy: NonFinitePolicy, _ type: DType = .float32
    ) throws(CodingError) {
        beginValue()
        let parts = threads.partsToWrite(values.count)
        if parts == 1 { return try writeWhole(values, dimensions, policy, type) }
        let ranges = (0..<parts).map { CodingThreads.range($0, of: parts, values.count) }
        // Each part has room for the most it may need; afterwards they are pushed together.
        let rooms = ranges.map { unsafe TensorText.maximumCount($0.count, of: dimensions) }
        var failed: Int?
        bytes.append(addingCapacity: rooms.reduce(0, +)) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                let written = unsafe TensorText.write(
                    values, ranges, dimensions, policy, type, to: start, rooms: rooms)
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
        _ values: [Float], _ dimensions: [Int], _ policy: NonFinitePolicy, _ type: DType
    ) throws(CodingError) {
        var failed: Int?
        bytes.append(addingCapacity: Self.textCount(dimensions)) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe TensorText.withWriter(values, 0..<values.count, dimensions, policy, type, into: start) {
                        writer in
                        if unsafe writer.write() { count = unsafe writer.count } else { failed = unsafe writer.index }
                    }
                }
            }
        }
        if let failed { throw Self.nonFinite(values[failed], at: failed, dimensions) }
    }

    private mutating func writeBase64(_ tensor: Tensor) {
        beginValue()
        guard tensor.type == .float32 else { return writeBase64(octets: RawTensor.encode(tensor)) }
        let values = tensor.elements
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

    private mutating func writeBase64(octets: [UInt8]) {
        let count = Base64.encodedCount(octets.count)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(addingCapacity: count) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, written in
                unsafe octets.withUnsafeBytes { unsafe Base64.encode($0, into: UnsafeMutableRawBufferPointer(buffer)) }
                written = count
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    static func nonFinite(_ value: Float, at index: Int, _ dimensions: [Int]) -> CodingError {
        var rest = index
        var pointer = ""
        for dimension in dimensions.reversed() {
            pointer = "/\(rest % dimension)" + pointer
            rest /= dimension
        }
        return .nonFiniteElement(value, index: index, pointer: pointer)
    }
}

extension Tensor {
    /// The first element that is NaN or an infinity.
    fileprivate var firstNonFinite: Int? {
        doubles?.firstIndex { !$0.isFinite } ?? (doubles == nil ? elements.firstIndex { !$0.isFinite } : nil)
    }
}
