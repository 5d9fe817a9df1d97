package import DenseEngine
internal import TensorCoding

/// What goes with a model file that does not say everything itself.
package struct ModelFileOptions: Sendable {
    /// The layers' configuration, as a JSON document; for files that hold weights only.
    package var configuration: [UInt8]?
    /// One activation's name for each layer, for files of arrays without a configuration.
    package var activations: [String]?
    /// How the weights are to be quantized, for files that do not say it themselves.
    package var quantization: QuantizationConfiguration?
    /// Takes `NaN` and `Infinity` as numbers in JSON.
    package var allowsNonFinite = false

    package init(configuration: [UInt8]? = nil, activations: [String]? = nil, allowsNonFinite: Bool = false) {
        self.configuration = configuration
        self.activations = activations
        self.allowsNonFinite = allowsNonFinite
    }

    /// Reads how weights are to be quantized: a mode's name, or a config in JSON.
    ///
    /// - Throws: `engine` or `coding` for what is neither.
    package mutating func setQuantization(_ text: String) throws(ModelStoreError) {
        var value = ConfigValue.string(text)
        if text.first == "{" {
            value = try coding { () throws(CodingError) in try ConfigValue(json: Array(text.utf8)) }
        }
        quantization = try ModelDocument.quantization(value)
    }

    /// `relu,linear` as a list.
    package static func names(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.filter { $0 != " " }) }
    }
}

extension ModelDocument {
    /// Reads a model file of any kind, recognised by its content.
    ///
    /// - Throws: `file` for what is wrong with the file, and what the JSON forms throw for its configuration.
    package init(file bytes: [UInt8], _ options: ModelFileOptions = ModelFileOptions()) throws(ModelStoreError) {
        try self.init(unquantized: bytes, options)
        guard let quantization = options.quantization else { return }
        guard self.quantization == nil else {
            throw .conflictingMembers(path: [], first: "quantize", second: "the document's own")
        }
        self.quantization = quantization
    }

    private init(unquantized bytes: [UInt8], _ options: ModelFileOptions) throws(ModelStoreError) {
        let kind = unsafe bytes.withUnsafeBytes { unsafe FileKind.of($0) }
        if kind == .json {
            guard options.configuration == nil, options.activations == nil else {
                throw .file(
                    .mismatch(
                        .json,
                        message: "A model in JSON has its configuration itself, and another was given. Expected one of "
                            + "them, or weights in a file of another kind."))
            }
            self = try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(ModelStoreError) in
                try unsafe ModelDocument(json: bytes, allowsNonFinite: options.allowsNonFinite)
            }
            return
        }
        try self.init(FileBytes(bytes, kind: kind), options)
    }

    private init(_ bytes: FileBytes, _ options: ModelFileOptions) throws(ModelStoreError) {
        var budget = FileBudget(fileSize: bytes.count)
        switch bytes.kind {
        case .zip, .npz, .keras:
            let archive = try fileError { () throws(ModelFileError) in try ZipArchive(bytes) }
            if archive.member("config.json") != nil {
                self = try Self.keras(archive, budget, options)
            } else {
                let list = try fileError { () throws(ModelFileError) in try NumPyArchive.decode(archive, &budget) }
                try self.init(list, options)
            }
        case .hdf5:
            let file = try fileError { () throws(ModelFileError) in try HDF5File(bytes, budget: budget) }
            self = try Self.hdf5(file, options)
        case .onnx:
            try Self.refuseConfiguration(options, .onnx)
            self.init(
                layers: try fileError { () throws(ModelFileError) in
                    var chain = try ONNXChain(try ONNXModel(bytes), budget)
                    return try chain.layers()
                })
        case .npy:
            try self.init(
                try fileError { () throws(ModelFileError) in try NumPyArchive.decode(npy: bytes, &budget) }, options)
        case .safeTensors, .json:
            try self.init(try fileError { () throws(ModelFileError) in try SafeTensors.decode(bytes) }, options)
        }
    }

    // MARK: Arrays by name

    private init(_ list: WeightList, _ options: ModelFileOptions) throws(ModelStoreError) {
        if let configuration = options.configuration {
            guard options.activations == nil else {
                throw .conflictingMembers(path: [], first: "config", second: "activations")
            }
            self = try Self.configured(configuration)
        } else if let configuration = list.configuration {
            self.init(layers: try Self.layers(configuration))
            if let shape = list.inputShape, layers.first?.inputShape == nil { layers[0].inputShape = shape }
        } else {
            let layers = try fileError { () throws(ModelFileError) in
                try list.inferred(activations: options.activations)
            }
            self.init(layers: layers)
            return
        }
        let bare = layers
        layers = try fileError { () throws(ModelFileError) in try list.assigned(to: bare) }
    }

    // MARK: Keras

    /// `.keras`: a zip of the configuration and an HDF5 file of the weights.
    private static func keras(
        _ archive: ZipArchive, _ budget: FileBudget, _ options: ModelFileOptions
    ) throws(ModelStoreError) -> ModelDocument {
        try refuseConfiguration(options, .keras)
        let (configuration, file) = try fileError { () throws(ModelFileError) -> ([UInt8], HDF5File) in
            var budget = budget
            guard let config = archive.member("config.json"), let weights = archive.member("model.weights.h5") else {
                let names = archive.members.prefix(16).map(\.name.quoted).joined(separator: ", ")
                let isSharded = archive.member("model.weights.json") != nil
                throw .unsupported(
                    .keras,
                    message: isSharded
                        ? "Its weights are in shards ('model.weights.json'). Expected them in one 'model.weights.h5'."
                        : "Expected the members 'config.json' and 'model.weights.h5', received \(names).")
            }
            let configuration = try archive.content(of: config, &budget).array
            let content = try archive.content(of: weights, &budget)
            return (configuration, try HDF5File(content, budget: budget))
        }
        return try assigned(try configured(configuration), from: file)
    }

    /// Weights with a configuration beside, or a whole model of the older form.
    private static func hdf5(_ file: HDF5File, _ options: ModelFileOptions) throws(ModelStoreError) -> ModelDocument {
        let own = try fileError { () throws(ModelFileError) in try KerasWeights(file: file).configuration() }
        if let own {
            try refuseConfiguration(options, .hdf5)
            return try assigned(try configured(own), from: file)
        }
        guard let configuration = options.configuration else {
            throw .file(
                .mismatch(
                    .hdf5,
                    message:
                        "The HDF5 file holds weights only. Expected a configuration with it: model.to_json() gives "
                        + "one, and model.save('NAME.keras') a file that has both."))
        }
        return try assigned(try configured(configuration), from: file)
    }

    private static func assigned(
        _ document: ModelDocument, from file: HDF5File
    ) throws(ModelStoreError) -> ModelDocument {
        var document = document
        let layers = document.layers
        document.layers = try fileError { () throws(ModelFileError) in
            try KerasWeights(file: file).assigned(to: layers)
        }
        return document
    }

    private static func refuseConfiguration(
        _ options: ModelFileOptions, _ kind: FileKind
    ) throws(ModelStoreError) {
        guard options.configuration == nil, options.activations == nil else {
            throw .file(
                .mismatch(
                    kind,
                    message:
                        "The \(kind.rawValue) file has a configuration, and another was given. Expected one of them.")
            )
        }
    }

    /// A configuration without weights, in any of the JSON forms.
    private static func configured(_ json: [UInt8]) throws(ModelStoreError) -> ModelDocument {
        var document = try ModelDocument(json: json)
        guard document.layers.allSatisfy({ $0.weights == nil }) else {
            throw .conflictingMembers(path: [], first: "weights", second: "the file of weights")
        }
        document.places = []
        return document
    }

    private static func layers(_ configuration: ConfigValue) throws(ModelStoreError) -> [LayerSpecification] {
        do throws(EngineError) { return try LayerSpecification.list(configuration) } catch {
            throw .engine(error, path: [])
        }
    }
}

/// Runs `body` with its errors made the store's.
func fileError<Result>(_ body: () throws(ModelFileError) -> Result) throws(ModelStoreError) -> Result {
    do throws(ModelFileError) { return try body() } catch { throw .file(error) }
}
