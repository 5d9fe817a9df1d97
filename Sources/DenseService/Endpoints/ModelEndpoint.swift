internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// `/models` and what is below it.
enum ModelEndpoint {
    // MARK: Reading

    static func list(_ models: ModelRegistry) -> HTTPResponse {
        return HTTPResponse(.ok) { writer in
            writer.name("models")
            writer.beginArray()
            for model in models.all { ModelDescription.write(model, layers: false, to: &writer) }
            writer.endArray()
        }
    }

    static func read(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try api { () throws(ModelStoreError) in try models.model(path.name) }
        var writer = JSONWriter()
        ModelDescription.write(model, layers: true, to: &writer)
        return HTTPResponse(.ok, json: writer)
    }

    static func readVersion(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try version(path, in: models)
        var writer = JSONWriter()
        ModelDescription.write(model, to: &writer)
        return HTTPResponse(.ok, json: writer)
    }

    /// The one version a path names.
    static func version(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> Model {
        let number = try versionNumber(path)
        return try api { () throws(ModelStoreError) in try models.version(number, of: path.name) }
    }

    static func versionNumber(_ path: PathParameters) throws(APIError) -> Int {
        guard let number = Int(path.version), number > 0, String(number) == path.version else {
            throw APIError(.invalidVersion(path.version))
        }
        return number
    }

    // MARK: Changing

    /// The model in a body: JSON, a model file of another kind, or a form with a file.
    ///
    /// - Parameter options: what the query says of it.
    static func document(
        _ request: HTTPRequest, _ options: ModelFileOptions
    ) throws(APIError) -> ModelDocument {
        var options = options
        let isForm = try api { () throws(ServiceError) in
            try MediaType.ofBody(request.headers, supported: MediaType.models) == .form
        }
        if isForm {
            let form = try api { () throws(ServiceError) in try ModelForm(request) }
            options.configuration = form.configuration
            options.activations = form.activations ?? options.activations
            if let quantization = form.quantization {
                try api { () throws(ModelStoreError) in try options.setQuantization(quantization) }
            }
            return try api { () throws(ModelStoreError) in try ModelDocument(file: form.file, options) }
        }
        return try unsafe request.body.withUnsafeBytes { bytes throws(APIError) in
            try api { () throws(ModelStoreError) in
                // JSON is read where it lies; everything else is copied once.
                if unsafe FileKind.of(bytes) == .json && options.activations == nil && options.quantization == nil {
                    return try unsafe ModelDocument(
                        json: bytes, padding: HTTPBody.padding, allowsNonFinite: options.allowsNonFinite)
                }
                return unsafe try ModelDocument(file: Array(bytes), options)
            }
        }
    }

    /// Takes `trainable` and `batching` and nothing else.
    static func change(
        _ path: PathParameters, _ body: HTTPBody, in models: ModelRegistry
    ) throws(APIError) -> HTTPResponse {
        let change = try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            try unsafe readChange(bytes)
        }
        try api { () throws(ModelStoreError) in
            try models.change(path.name, trainable: change.trainable, batching: change.batching)
        }
        return try read(path, in: models)
    }

    private static func readChange(
        _ bytes: UnsafeRawBufferPointer
    ) throws(APIError) -> (trainable: Bool?, batching: BatchOptions?) {
        var trainable: Bool?
        var batching: BatchOptions?
        var other: String?
        try api { () throws(CodingError) in
            var reader = try unsafe JSONReader(bytes: bytes, padding: HTTPBody.padding)
            try reader.beginObject()
            while let name = try reader.nextField() {
                switch name {
                case "trainable": trainable = try reader.readBool()
                case "batching": batching = try BatchOptions(&reader)
                default:
                    other = other ?? name
                    try reader.skipValue()
                }
            }
            try reader.finish()
        }
        if let other { throw APIError(ModelStoreError.immutable(attribute: other)) }
        guard trainable != nil || batching != nil else { throw APIError(ServiceError.nothingToChange) }
        return (trainable, batching)
    }

    static func remove(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        try api { () throws(ModelStoreError) in try models.remove(path.name) }
        return HTTPResponse(.noContent)
    }

    static func removeVersion(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let number = try versionNumber(path)
        try api { () throws(ModelStoreError) in try models.remove(path.name, version: number) }
        return HTTPResponse(.noContent)
    }
}

/// `GET /models/{name}/versions/{version}/file`.
struct ModelFile: Sendable {
    enum Format: String, CaseIterable {
        case safetensors, npz, keras, json
    }

    private let model: Model
    private let format: Format
    /// Merged into the weights.
    private let adapter: ModelAdapter?

    init(_ path: PathParameters, _ target: HTTPTarget, in models: ModelRegistry) throws(APIError) {
        var name = Format.safetensors.rawValue
        var adapter: String?
        for item in target.queryItems {
            switch item.name {
            case "format": name = item.value
            case "adapter": adapter = item.value
            default: throw APIError(ServiceError.unknownQueryItem(item.name, allowed: ["format", "adapter"]))
            }
        }
        guard let format = Format(rawValue: name) else {
            throw APIError(ModelStoreError.unknownFileFormat(name, allowed: Format.allCases.map(\.rawValue)))
        }
        self.format = format
        let model = try ModelEndpoint.version(path, in: models)
        self.model = model
        if let adapter {
            self.adapter = try api { () throws(ModelStoreError) in try model.adapter(named: adapter) }
        } else {
            self.adapter = nil
        }
    }

    /// What writing the file takes in memory.
    var byteCount: Int {
        // The merged weights, and their packed copy.
        let merged = adapter == nil ? 0 : model.content.byteCount
        let (sum, overflow) = formattedByteCount.addingReportingOverflow(merged)
        return overflow ? .max : sum
    }

    private var formattedByteCount: Int {
        switch format {
        case .safetensors: model.network.byteCount
        // The weights, and the file around them.
        case .npz, .keras: Service.bytes(model.network.byteCount, times: 2)
        // Up to 16 characters a float.
        case .json: Service.bytes(model.network.byteCount, times: 4)
        }
    }

    func response() throws(APIError) -> HTTPResponse {
        let (type, body, digest) = try api { () throws(ModelStoreError) in
            var model = model
            if let adapter { model = try model.merged(with: adapter) }
            let digest = model.content.digest
            return switch format {
            case .safetensors: (MediaType.octets, model.safeTensors, digest)
            case .npz: (MediaType.zip, try model.npz(), digest)
            case .keras: (MediaType.zip, try model.keras(), digest)
            case .json: (MediaType.json, model.json, digest)
            }
        }
        let adapted = adapter.map { "-\($0.name)" } ?? ""
        let name = "\(model.name)-\(model.version)\(adapted).\(format.rawValue)"
        return HTTPResponse(
            .ok,
            headers: [
                (name: "Content-Type", value: type.rawValue),
                (name: "Content-Disposition", value: "attachment; filename=\"\(name)\""),
                (name: "ETag", value: "\"\(digest.hexadecimal)\""),
            ], body: body)
    }
}
