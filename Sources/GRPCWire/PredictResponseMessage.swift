internal import ProtobufWire

/// `tensorflow.serving.PredictResponse` with one output: of type DT_FLOAT in `float_val`, as TensorFlow Serving answers, and of
/// others in `tensor_content`, which it has an option for: the
/// bytes of a gRPC message, its prefix included, made in one buffer.
package struct PredictResponseMessage {
    package var model: PredictRequestMessage.Model
    package var output: String
    package var shape: [Int]

    package init(model: PredictRequestMessage.Model, output: String, shape: [Int]) {
        self.model = model
        self.output = output
        self.shape = shape
    }

    /// The message with its output's elements.
    package func framed(_ elements: [Float]) -> [UInt8] {
        framed(type: 1, field: 5, length: elements.count * MemoryLayout<Float>.stride) { $0.append(elements) }
    }

    /// The message with its output's elements as octets.
    ///
    /// - Parameter type: their number in `tensorflow.DataType`.
    package func framed(content: [UInt8], type: Int) -> [UInt8] {
        framed(type: type, field: 4, length: content.count) { $0.append(content) }
    }

    private func framed(
        type: Int, field: Int, length bytes: Int, _ write: (inout ProtobufWriter) -> Void
    ) -> [UInt8] {
        var shapeProto = ProtobufWriter()
        for size in shape {
            var dimension = ProtobufWriter(capacity: 16)
            dimension.field(1, size)
            shapeProto.field(2, message: dimension)
        }
        var tensor = ProtobufWriter()
        tensor.field(1, type)
        tensor.field(2, message: shapeProto)
        if bytes > 0 { tensor.begin(field, length: bytes) }
        let tensorLength = tensor.bytes.count + bytes
        var entry = ProtobufWriter()
        entry.field(1, output)
        entry.begin(2, length: tensorLength)
        let entryLength = entry.bytes.count + tensorLength
        let spec = Self.spec(model)
        let length =
            ProtobufWriter.overhead(1, length: entryLength) + entryLength
            + ProtobufWriter.overhead(2, length: spec.bytes.count) + spec.bytes.count
        var message = ProtobufWriter(capacity: length + GRPCFramer.prefixBytes)
        message.append(GRPCFramer.prefix(length: length))
        message.begin(1, length: entryLength)
        message.append(entry.bytes)
        message.append(tensor.bytes)
        write(&message)
        message.field(2, message: spec)
        return message.bytes
    }

    private static func spec(_ model: PredictRequestMessage.Model) -> ProtobufWriter {
        var spec = ProtobufWriter()
        spec.field(1, model.name)
        if let version = model.version {
            var value = ProtobufWriter(capacity: 16)
            value.field(1, version)
            spec.field(2, message: value)
        }
        spec.field(3, model.signature)
        return spec
    }
}
