internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

extension V2Answer {
    private var output: Output { outputs?.first ?? Output(name: "", isBinary: isBinary, classes: nil) }

    /// About the most bytes that the output takes in the answer.
    func capacity(for shape: Shape, type: DType) -> Int {
        if let classes = output.classes {
            let kept = min(classes, shape.lastAxis)
            return Service.bytes(Service.bytes(shape.rowCount, times: kept), times: V2Classification.maximumBytes)
        }
        if output.isBinary { return Service.bytes(shape.count, times: type.size) }
        return JSONWriter.capacity(for: shape, form: .flat, type: type)
    }

    /// The answer by REST: JSON, and behind it the tensor where it is binary.
    func response(
        _ tensor: Tensor, _ model: Model, _ signature: ModelSignature, _ form: V2BodyForm
    ) throws(APIError) -> HTTPResponse {
        let output = output
        var writer = JSONWriter(capacity: 256 + (output.isBinary ? 0 : capacity(for: tensor.shape, type: tensor.type)))
        writer.beginObject()
        if let id {
            writer.member("id", id)
        }
        writer.member("model_name", model.name)
        writer.member("model_version", String(model.version))
        writer.name("outputs")
        writer.beginArray()
        writer.beginObject()
        writer.member("name", signature.output)
        let binary: [UInt8]?
        if let classes = output.classes {
            let top = V2Classification(tensor, classes: classes)
            Self.write(datatype: .bytes, shape: top.shape, to: &writer)
            binary = output.isBinary ? top.octets : nil
            if !output.isBinary {
                writer.name("data")
                writer.beginArray()
                for text in top.texts { writer.write(text) }
                writer.endArray()
            }
            if let binary { Self.write(binarySize: binary.count, to: &writer) }
        } else {
            Self.write(datatype: V2Datatype(tensor.type), shape: tensor.shape, to: &writer)
            binary = nil
            if output.isBinary {
                Self.write(binarySize: tensor.shape.count * tensor.type.size, to: &writer)
            } else {
                writer.name("data")
                try api { () throws(CodingError) in
                    // What is not finite is written as Triton does, and Python reads.
                    try writer.writeFlat(tensor, nonFinite: .token)
                }
            }
        }
        writer.endObject()
        writer.endArray()
        writer.endObject()
        guard output.isBinary else { return HTTPResponse(.ok, json: writer) }
        let header = writer.bytes
        return HTTPResponse(
            .ok, headers: form.answerHeaders(jsonBytes: header.count),
            body: binary.map { header + $0 } ?? RawTensor.encode(tensor, behind: header))
    }

    private static func write(datatype: V2Datatype, shape: Shape, to writer: inout JSONWriter) {
        writer.member("datatype", datatype.rawValue)
        writer.member("shape", shape.dimensions)
    }

    private static func write(binarySize: Int, to writer: inout JSONWriter) {
        writer.name("parameters")
        writer.beginObject()
        writer.member("binary_data_size", binarySize)
        writer.endObject()
    }
}

extension V2BodyForm {
    /// The fields of a binary answer, in the form of the request.
    func answerHeaders(jsonBytes: Int) -> [(name: String, value: String)] {
        if isSageMaker { return [("Content-Type", "\(Self.sageMakerType);json-header-size=\(jsonBytes)")] }
        return [("Content-Type", MediaType.octets.rawValue), (Self.header, String(jsonBytes))]
    }
}

/// Triton's classification extension: of each row the largest values and where they stand, as `value:index`.
struct V2Classification {
    /// The most bytes that an element takes, with its length or its quotes.
    static let maximumBytes = 48

    let shape: Shape
    let texts: [String]

    /// The `classes` largest values along the last axis, in descending order; NaN comes last.
    init(_ tensor: Tensor, classes: Int) {
        let width = tensor.shape.lastAxis
        let kept = min(classes, width)
        // Fewer than the tensor's own elements, so there is such a shape.
        shape = (try? tensor.shape.replacingLastAxis(with: kept)) ?? tensor.shape
        var texts: [String] = []
        texts.reserveCapacity(shape.count)
        for row in 0..<(width == 0 ? 0 : tensor.shape.count / width) {
            let values = tensor.elements[row * width..<(row + 1) * width]
            let order = values.indices.sorted { left, right in
                let (a, b) = (values[left], values[right])
                if a.isNaN || b.isNaN { return !a.isNaN && b.isNaN || a.isNaN == b.isNaN && left < right }
                return a != b ? a > b : left < right
            }
            for index in order.prefix(kept) { texts.append("\(tensor.text(at: index)):\(index - row * width)") }
        }
        self.texts = texts
    }

    /// Each with its length before it, little-endian.
    var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(texts.count * 16)
        for text in texts {
            let length = UInt32(truncatingIfNeeded: text.utf8.count)
            for shift in stride(from: 0, to: 32, by: 8) { octets.append(UInt8(truncatingIfNeeded: length >> shift)) }
            octets.append(contentsOf: text.utf8)
        }
        return octets
    }
}

extension Tensor {
    /// An element as the shortest decimal of its type.
    fileprivate func text(at index: Int) -> String {
        if let doubles { return doubles[index].description }
        guard type.isHalf else { return elements[index].description }
        var writer = JSONWriter(capacity: 32)
        writer.write(token: elements[index], type: type)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
