internal import ProtobufWire

/// `inference.ModelInferResponse` with one output, and `ModelStreamInferResponse` around it: the bytes of a gRPC message, its
/// prefix included, made in one buffer.
package struct InferResponseMessage {
    package var modelName: String
    package var modelVersion: String
    package var id: String
    package var output: String
    package var datatype: String
    package var shape: [Int]

    package init(
        modelName: String, modelVersion: String, id: String, output: String, datatype: String, shape: [Int]
    ) {
        self.modelName = modelName
        self.modelVersion = modelVersion
        self.id = id
        self.output = output
        self.datatype = datatype
        self.shape = shape
    }

    /// The message with its output's elements in `raw_output_contents`.
    package func framed(_ elements: [Float], inStream: Bool = false) -> [UInt8] {
        framed(rawBytes: elements.count * MemoryLayout<Float>.stride, inStream: inStream) { $0.append(elements) }
    }

    /// The message with these bytes in `raw_output_contents`.
    package func framed(_ bytes: [UInt8], inStream: Bool = false) -> [UInt8] {
        framed(rawBytes: bytes.count, inStream: inStream) { $0.append(bytes) }
    }

    /// The parameter of each answer of a stream: no other follows for the same request.
    private static let isFinal: ProtobufWriter = {
        var value = ProtobufWriter()
        value.field(1, 1)
        var entry = ProtobufWriter()
        entry.field(1, "triton_final_response")
        entry.field(2, message: value)
        return entry
    }()

    private func framed(rawBytes: Int, inStream: Bool, _ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var head = ProtobufWriter()
        head.field(1, modelName)
        head.field(2, modelVersion)
        head.field(3, id)
        if inStream { head.field(4, message: Self.isFinal) }
        var tensor = ProtobufWriter()
        tensor.field(1, output)
        tensor.field(2, datatype)
        tensor.field(3, packed: shape)
        head.field(5, message: tensor)
        head.begin(6, length: rawBytes)
        let inner = head.bytes.count + rawBytes
        let length = inner + (inStream ? ProtobufWriter.overhead(2, length: inner) : 0)
        var message = ProtobufWriter(capacity: length + GRPCFramer.prefixBytes)
        message.append(GRPCFramer.prefix(length: length))
        if inStream { message.begin(2, length: inner) }
        message.append(head.bytes)
        write(&message)
        return message.bytes
    }

    /// A `ModelStreamInferResponse` for a request that failed, with its id so that the client can tell which.
    package static func framed(error: String, id: String) -> [UInt8] {
        var inner = ProtobufWriter()
        inner.field(3, id)
        inner.field(4, message: isFinal)
        var message = ProtobufWriter(capacity: error.utf8.count + id.utf8.count + 64)
        message.field(1, error)
        message.field(2, message: inner)
        return GRPCFramer.prefix(length: message.bytes.count) + message.bytes
    }
}
