import CSimdjson
package import DenseEngine
import Synchronization

extension JSONReader {
    /// A tensor in any of its three forms: nested arrays, `{"shape", "data"}`, `{"shape", "dtype", "b64"}`. A bare
    /// number is a tensor of rank 0: whoever needs an axis checks the rank. Each number becomes the nearest float32, or
    /// float64 where the reader is told so; one that would become an infinity is an error.
    package mutating func readTensor() throws(CodingError) -> Tensor {
        switch try nextKind() {
        case .array, .number: return try nestedTensor()
        case .object: return try tensorObject()
        case let kind:
            throw .wrongType(
                expected: "nested arrays of numbers, or an object with 'shape' and 'data' or 'b64'", received: kind,
                at: location)
        }
    }

    // MARK: Nested arrays

    /// The shape comes from hopping along the first elements, so the buffer is made once and of the right size. The
    /// numbers are then decoded straight into it, in parts that check every bracket between them, by several threads
    /// where there are many. Whatever is wrong is found by a slower walk, which has nothing to do with the parts.
    private mutating func nestedTensor() throws(CodingError) -> Tensor {
        readsDoubles ? try doubleTensor() : try floatTensor()
    }

    /// The same in float32, whatever the reader is told.
    mutating func floatTensor() throws(CodingError) -> Tensor {
        guard let (dimensions, end) = unsafe Self.dimensions(document, token) else { throw tensorFault() }
        let shape = try Self.shape(dimensions, at: location)
        let (document, start, allowsNonFinite, threads) = unsafe (self.document, token, self.allowsNonFinite, threads)
        let tensor: Tensor
        do throws(Irregular) {
            tensor = unsafe try Tensor(shape: shape) { (elements) throws(Irregular) in
                unsafe try Self.decode(document, start, dimensions, allowsNonFinite, threads, into: elements)
            }
        } catch {
            throw tensorFault()
        }
        token = end
        return tensor
    }

    /// The same in float64, by the walk that also finds what is wrong.
    private mutating func doubleTensor() throws(CodingError) -> Tensor {
        let start = location
        var levels: [Level] = []
        var doubles: [Double]? = []
        try findTensorFault(depth: 0, &levels, &doubles)
        let shape = try Self.shape(levels.filter { $0.kind == .array }.map { $0.length ?? 0 }, at: start)
        do throws(EngineError) { return try Tensor(shape: shape, doubles: doubles ?? []) } catch {
            throw .invalidShape(shape.dimensions, at: start)
        }
    }

    /// The sizes of the nested arrays that begin at a token, as far as hopping from row to row tells, and the token behind
    /// them; `nil` when they cannot be regular.
    private static func dimensions(_ document: csj_document, _ start: Int) -> (dimensions: [Int], end: Int)? {
        // On the stack, so that the array has its size from the beginning.
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: maximumDepth) { sizes in
            var rank = 0
            var end = 0
            guard let base = sizes.baseAddress, unsafe csj_tensor_shape(document, start, base, &rank, &end) else {
                return nil
            }
            return unsafe (Array(sizes.prefix(rank)), end)
        }
    }

    /// Something in the arrays is not as it should be.
    private struct Irregular: Error {}

    private static func decode(
        _ document: csj_document, _ start: Int, _ dimensions: [Int], _ allowsNonFinite: Bool, _ threads: CodingThreads,
        into elements: UnsafeMutableBufferPointer<Float>
    ) throws(Irregular) {
        let parts = threads.partsToRead(elements.count)
        let isRegular = Atomic(true)
        // Nobody writes the document, and each part has elements of its own.
        nonisolated(unsafe) let (document, elements) = unsafe (document, elements)
        CodingThreads.perform(parts) { part in
            // After a failure nothing that is read will be used.
            guard isRegular.load(ordering: .relaxed) else { return }
            let range = unsafe CodingThreads.range(part, of: parts, elements.count)
            var none: Float = 0
            let status = unsafe withUnsafeMutablePointer(to: &none) { none in
                unsafe csj_tensor_decode(
                    document, start, dimensions, dimensions.count, allowsNonFinite, range.lowerBound, range.upperBound,
                    elements.baseAddress.map { unsafe $0 + range.lowerBound } ?? none)
            }
            if status != csj_ok { isRegular.store(false, ordering: .relaxed) }
        }
        guard isRegular.load(ordering: .relaxed) else { throw Irregular() }
    }

    static func shape(
        _ dimensions: [Int], at location: @autoclosure () -> JSONLocation?
    ) throws(CodingError) -> Shape {
        guard dimensions.count <= Self.maximumDepth, let shape = try? Shape(dimensions), shape.isProportionate else {
            throw .invalidShape(dimensions, at: location())
        }
        return shape
    }

    // MARK: Faults

    /// What the arrays at one depth have in common.
    private struct Level {
        var kind: JSONKind?
        var length: Int?
    }

    /// The first thing that is wrong with the nested arrays that come next.
    private mutating func tensorFault() -> CodingError {
        let start = location
        do throws(CodingError) {
            var levels: [Level] = []
            var none: [Double]?
            try findTensorFault(depth: 0, &levels, &none)
            // Not reached: regular arrays of good numbers have been decoded.
            return .invalidJSON(.invalidNumber, at: start)
        } catch {
            return error
        }
    }

    /// - Parameter doubles: takes the numbers; `nil` where nobody needs them, and they only have to fit float32.
    private mutating func findTensorFault(
        depth: Int, _ levels: inout [Level], _ doubles: inout [Double]?
    ) throws(CodingError) {
        if levels.count == depth { levels.append(Level()) }
        let kind = try nextKind()
        guard kind == .array || kind == .number else {
            let expected = levels[depth].kind == .array ? "an array of numbers" : "a number"
            throw .wrongType(expected: expected, received: kind, at: location)
        }
        if let expected = levels[depth].kind, kind != expected {
            throw .mixedNesting(expected: expected, received: kind, at: location)
        }
        levels[depth].kind = kind
        if kind == .number {
            if doubles == nil { _ = try float() } else { doubles?.append(try double()) }
            return
        }
        let start = location
        guard depth < Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth, at: start) }
        try beginArray()
        var length = 0
        while try nextElement() {
            length += 1
            if let expected = levels[depth].length, length > expected {
                // How many there are in all, as far as they can be read.
                while (try? skipValue()) != nil, (try? nextElement()) == true { length += 1 }
                throw .ragged(expected: expected, received: length, at: start)
            }
            try findTensorFault(depth: depth + 1, &levels, &doubles)
        }
        if let expected = levels[depth].length, length != expected {
            throw .ragged(expected: expected, received: length, at: start)
        }
        levels[depth].length = length
    }

    // MARK: Objects

    /// `{"shape", "data"}` or `{"shape", "dtype", "b64"}`, members in any order. `data` is a flat list, or nested as
    /// `shape` says. `dtype` beside `data` has to be a known one and changes nothing.
    private mutating func tensorObject() throws(CodingError) -> Tensor {
        var shape: Shape?
        var dtype = DType.float32
        var data: (tensor: Tensor, location: JSONLocation)?
        var base64: (token: Int, location: JSONLocation)?
        try beginObject()
        while let name = try nextField() {
            let location = location
            switch name {
            case "shape": shape = try readShape()
            case "dtype":
                let name = try readString()
                guard let known = DType(rawValue: name) else { throw .unknownDType(name, at: location) }
                dtype = known
            case "data" where base64 == nil:
                try require(.array, "an array of numbers")
                data = (try nestedTensor(), location)
            case "b64" where data == nil:
                try require(.string, "a string of base64")
                base64 = (token, location)
                _ = unsafe try stringBytes()
                token += 1
            default:
                throw unknownField(
                    allowed: ["shape", "dtype"]
                        + (data != nil ? ["data"] : base64 != nil ? ["b64"] : ["data", "b64"]))
            }
        }
        guard let shape else { throw missingField("shape") }
        if let data {
            let isFlat = data.tensor.shape.rank == 1 && data.tensor.shape.count == shape.count
            guard isFlat || data.tensor.shape == shape,
                let tensor = try? data.tensor.reshaped(to: shape)
            else {
                throw .elementCountMismatch(shape: shape, received: data.tensor.shape.count, at: data.location)
            }
            return tensor
        }
        guard let base64 else { throw missingField("data") }
        // The string is decoded now that its type and size are known, straight into the tensor.
        let end = token
        token = base64.token
        defer { token = end }
        let raw = unsafe try stringBytes()
        guard unsafe raw.contains(UInt8(ascii: "\\")) else {
            return unsafe try RawTensor.decode(
                base64: raw, shape: shape, dtype: dtype, asDoubles: readsDoubles, at: base64.location)
        }
        // Some writers escape the slash.
        return unsafe try withBytes(of: unescaped(raw)) { (bytes) throws(CodingError) in
            unsafe try RawTensor.decode(
                base64: bytes, shape: shape, dtype: dtype, asDoubles: readsDoubles, at: base64.location)
        }
    }

    private mutating func readShape() throws(CodingError) -> Shape {
        let start = offset
        var dimensions: [Int] = []
        try beginArray()
        while try nextElement() {
            guard dimensions.count < Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth, at: location) }
            dimensions.append(try readInt())
        }
        return try Self.shape(dimensions, at: JSONLocation(offset: start, pointer: pointer))
    }
}

extension Shape {
    /// Whether the shape is as small as its contents. A few bytes can say `[1000000000, 0]`, and whoever then walks the
    /// rows is busy for long: without elements the other axes may make at most 2^20 rows.
    package var isProportionate: Bool {
        count > 0 || dimensions.filter { $0 > 0 }.reduce(1, *) <= 1 << 20
    }
}

/// `[UInt8].withUnsafeBufferPointer` with typed errors.
func withBytes<R>(
    of bytes: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) throws(CodingError) -> R
) throws(CodingError) -> R {
    let result = unsafe bytes.withUnsafeBufferPointer { buffer -> Result<R, CodingError> in
        do throws(CodingError) { return .success(unsafe try body(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
}
