internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// A request to `/dense`, decoded: what to compute on which tensor.
struct DenseRequest {
    enum Source {
        /// A registered model: the latest version, the one given, or the one a label leads to.
        case model(name: String, version: Int?, label: String?)
        case layers(LayerDescription)
    }

    var input: Tensor
    var source: Source
    /// The name of an adapter of the model's.
    var adapter: String?
    var parameters = DenseParameters()
}

// MARK: JSON

extension DenseRequest {
    static let fields = [
        "input", "layer", "layers", "weights", "apply_constraints", "model", "version", "label", "adapter",
        "parameters",
    ]

    /// Decodes a JSON body. Members come in any order; tensors are read straight into their elements.
    ///
    /// - Parameter readsDoubles: whether tensors are read as float64.
    /// - Throws: what is wrong with the text, or with how its members stand together.
    init(json body: HTTPBody, allowsNonFinite: Bool, readsDoubles: Bool = false) throws(APIError) {
        self = try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            var reader = try api { () throws(CodingError) in
                try unsafe JSONReader(
                    bytes: bytes, padding: HTTPBody.padding, allowsNonFinite: allowsNonFinite,
                    readsDoubles: readsDoubles)
            }
            return try DenseRequest(&reader)
        }
    }

    private init(_ reader: inout JSONReader) throws(APIError) {
        var input: Tensor?
        var description = LayerDescription()
        var model: String?
        var version: Int?
        var label: String?
        var adapter: String?
        var parameters = DenseParameters()

        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "input": input = try api { () throws(CodingError) in try reader.readTensor() }
            case "model": model = try api { () throws(CodingError) in try reader.readString() }
            case "version": version = try api { () throws(CodingError) in try reader.readInt() }
            case "label": label = try api { () throws(CodingError) in try reader.readString() }
            case "adapter": adapter = try api { () throws(CodingError) in try reader.readString() }
            case "layer": try api { () throws(ModelStoreError) in try description.readLayer(&reader) }
            case "layers": try api { () throws(ModelStoreError) in try description.readLayers(&reader) }
            case "weights": try api { () throws(ModelStoreError) in try description.readWeights(&reader) }
            case "apply_constraints":
                try api { () throws(ModelStoreError) in try description.readAppliesConstraints(&reader) }
            case "parameters": try parameters.read(&reader)
            default: throw APIError(reader.unknownField(allowed: Self.fields))
            }
        }
        try api { () throws(CodingError) in try reader.finish() }

        guard let input else { throw APIError(ServiceError.missingInput) }
        self.input = input
        self.adapter = adapter
        self.parameters = parameters
        if adapter != nil, model == nil {
            throw APIError(ServiceError.meaningless(member: "adapter", without: "'model'"))
        }
        source = try api { () throws(ServiceError) in
            try Self.source(model: model, version: version, label: label, description: description)
        }
    }

    /// Exactly one of a model and layers, and nothing beside it that belongs to the other.
    private static func source(
        model: String?, version: Int?, label: String?, description: LayerDescription
    ) throws(ServiceError) -> Source {
        guard let model else {
            guard description.hasLayers else { throw .neitherLayerNorModel }
            if version != nil { throw .meaningless(member: "version", without: "'model'") }
            if label != nil { throw .meaningless(member: "label", without: "'model'") }
            return .layers(description)
        }
        if description.hasLayers { throw .bothLayerAndModel(description.isList ? "layers" : "layer") }
        if !description.isEmpty { throw .meaningless(member: "weights", without: "'layer' or 'layers'") }
        if description.appliesConstraints != nil {
            throw .meaningless(member: "apply_constraints", without: "'layer' or 'layers'")
        }
        guard version == nil || label == nil else { throw .bothVersionAndLabel }
        return .model(name: model, version: version, label: label)
    }
}

// MARK: Without JSON

extension DenseRequest {
    static let queryItems = ["model", "version", "label", "adapter"] + DenseParameters.names

    /// Decodes a `.npy` file or raw octets; the query names the model and may hold the parameters.
    ///
    /// - Parameter takesDoubles: whether the input is to be read as float64.
    init(
        binary request: HTTPRequest, as type: MediaType, defaultModel: String? = nil,
        takesDoubles: (Source) -> Bool
    ) throws(APIError) {
        var model = defaultModel
        var version: Int?
        var label: String?
        for (name, value) in request.target.queryItems {
            switch name {
            case "model": model = value
            case "label": label = value
            case "adapter": adapter = value
            case "version":
                guard let number = Int(value) else {
                    throw APIError(
                        ServiceError.invalidQueryItem(name: name, expected: "a positive integer", received: value))
                }
                version = number
            case _ where DenseParameters.names.contains(name): try parameters.set(name, value)
            default: throw APIError(ServiceError.unknownQueryItem(name, allowed: Self.queryItems))
            }
        }
        guard let model else { throw APIError(ServiceError.missingQueryItem("model")) }
        guard version == nil || label == nil else { throw APIError(ServiceError.bothVersionAndLabel) }
        source = .model(name: model, version: version, label: label)

        let asDoubles = takesDoubles(source)
        if type == .npy {
            input = try api { () throws(CodingError) in
                try unsafe request.body.withUnsafeBytes { bytes throws(CodingError) in
                    try unsafe NumPyFile.decode(bytes, asDoubles: asDoubles)
                }
            }
        } else {
            let shape = try Self.shape(request.headers)
            let dtype = try api { () throws(CodingError) in
                guard let name = request.headers["X-Tensor-Dtype"] else { return DType.float32 }
                return try DType(name: name)
            }
            input = try api { () throws(CodingError) in
                try unsafe request.body.withUnsafeBytes { bytes throws(CodingError) in
                    try unsafe RawTensor.decode(bytes, shape: shape, dtype: dtype, asDoubles: asDoubles)
                }
            }
        }
    }

    /// `X-Tensor-Shape: 32,128,256`.
    private static func shape(_ headers: HTTPHeaders) throws(APIError) -> Shape {
        let name = "X-Tensor-Shape"
        guard let bytes = headers.bytes(name) else { throw APIError(ServiceError.missingHeader(name)) }
        guard let sizes = sizes(bytes) else {
            throw APIError(
                ServiceError.invalidHeader(
                    name: name, expected: "at most 32 sizes with commas between, like 32,128,256",
                    received: String(decoding: bytes, as: UTF8.self)))
        }
        return try api { () throws(EngineError) in try Shape(sizes) }
    }

    /// Sizes with commas between them, and perhaps spaces before them; `nil` for anything else.
    private static func sizes(_ bytes: ArraySlice<UInt8>) -> [Int]? {
        var sizes: [Int] = []
        var size: Int?
        for byte in bytes {
            switch byte {
            case UInt8(ascii: " ") where size == nil: break
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, overflow) = (size ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
                guard !overflow, !carry else { return nil }
                size = sum
            case UInt8(ascii: ","):
                guard let ended = size, sizes.count < 31 else { return nil }
                sizes.append(ended)
                size = nil
            default: return nil
            }
        }
        guard let size else { return nil }
        return sizes + [size]
    }
}
