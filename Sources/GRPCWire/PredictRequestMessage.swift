package import ProtobufWire

/// `tensorflow.serving.PredictRequest`, read where it lies.
package struct PredictRequestMessage: Sendable {
    /// `tensorflow.serving.ModelSpec`.
    package struct Model: Hashable, Sendable {
        package var name = ""
        package var version: Int?
        package var label: String?
        package var signature = ""

        package init(name: String = "", version: Int? = nil, label: String? = nil, signature: String = "") {
            self.name = name
            self.version = version
            self.label = label
            self.signature = signature
        }
    }

    /// `tensorflow.TensorProto`, without its elements.
    package struct Tensor: Sendable {
        package var name = ""
        /// `tensorflow.DataType`.
        package var dtype = 0
        package var shape: [Int] = []
        package var hasUnknownRank = false
        /// `tensor_content`.
        package var content: Range<Int>?
        /// Where the tensor itself lies, usually in one piece.
        package var pieces: [Range<Int>] = []
    }

    package private(set) var model = Model()
    package private(set) var inputs: [Tensor] = []
    package private(set) var outputFilter: [String] = []

    /// Reads a whole message.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
        var reader = unsafe ProtobufReader(bytes)
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): try model.read(reader.inner(try reader.delimited()))
            case (2, .bytes):
                let tensor = try Tensor(entry: reader.inner(try reader.delimited()))
                inputs.removeAll { $0.name == tensor.name }
                try inputs.add(tensor, "inputs")
            case (3, .bytes): try outputFilter.add(try reader.string(), "names of outputs")
            default: try reader.skip(field.type)
            }
        }
    }

    /// The model, if it stands at the beginning.
    package init(beginningOf bytes: UnsafeRawBufferPointer) {
        var reader = unsafe ProtobufReader(bytes)
        guard let field = try? reader.nextField(), field.number == 1, field.type == .bytes,
            let range = try? reader.delimited()
        else { return }
        try? model.read(reader.inner(range))
    }
}

extension PredictRequestMessage.Model {
    fileprivate mutating func read(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): name = try reader.string()
            case (2, .bytes):
                // Another piece of the same message adds to it; another choice takes its place.
                var number = version ?? 0
                var value = reader.inner(try reader.delimited())
                while let field = try value.nextField() {
                    if field.number == 1, field.type == .varint {
                        number = Int(Int64(bitPattern: try value.varint()))
                    } else {
                        try value.skip(field.type)
                    }
                }
                version = number
                label = nil
            case (3, .bytes): signature = try reader.string()
            case (4, .bytes):
                label = try reader.string()
                version = nil
            default: try reader.skip(field.type)
            }
        }
    }
}

extension PredictRequestMessage.Tensor {
    private static let maximumAxes = 64

    fileprivate init(entry inner: ProtobufReader) throws(ProtobufError) {
        var entry = inner
        while let field = try entry.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): name = try entry.string()
            case (2, .bytes):
                let range = try entry.delimited()
                try pieces.add(range, "pieces of a tensor")
                try read(entry.inner(range))
            default: try entry.skip(field.type)
            }
        }
    }

    private mutating func read(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .varint): dtype = Int(Int32(truncatingIfNeeded: try reader.varint()))
            case (2, .bytes): try readShape(reader.inner(try reader.delimited()))
            case (4, .bytes): content = try reader.delimited()
            default: try reader.skip(field.type)
            }
        }
    }

    private mutating func readShape(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (2, .bytes):
                guard shape.count < Self.maximumAxes else { throw .tooMany("axes", limit: Self.maximumAxes) }
                var size = 0
                var dimension = reader.inner(try reader.delimited())
                while let field = try dimension.nextField() {
                    if field.number == 1, field.type == .varint {
                        size = Int(Int64(bitPattern: try dimension.varint()))
                    } else if field.number == 2, field.type == .bytes {
                        _ = try dimension.string()
                    } else {
                        try dimension.skip(field.type)
                    }
                }
                shape.append(size)
            case (3, .varint): hasUnknownRank = try reader.varint() != 0
            default: try reader.skip(field.type)
            }
        }
    }
}
