package import DenseEngine
package import TensorCoding

/// What can be wrong with a model, its name, its file or the store. Cases carry facts; `description` makes the sentence.
package enum ModelStoreError: Error {
    // MARK: Addressing

    /// A name that is not 1 to 128 of `A-Z a-z 0-9 . _ -`.
    case invalidName(String)
    case unknownModel(name: String)
    /// The model exists, the version does not (any more). `available` are those that do, ascending.
    case unknownVersion(name: String, version: Int, available: [Int])
    case unknownDigest(String)
    /// A label that is not 1 to 128 of `A-Z a-z 0-9 . _ -`.
    case invalidLabel(String)
    /// The model exists, and no label of it is called so. `available` are those there are, ascending.
    case unknownLabel(name: String, label: String, available: [String])

    /// An adapter's name that is not 1 to 128 of `A-Z a-z 0-9 . _ -`.
    case invalidAdapter(String)
    /// The version exists, and no adapter of it is called so. `available` are those there are, ascending.
    case unknownAdapter(name: String, version: Int, adapter: String, available: [String])

    // MARK: Registering and changing

    case noLayers
    /// The model would not fit the store. All three are in bytes.
    case full(limit: Int, used: Int, needed: Int)
    /// An attribute that is fixed once the model is registered.
    case immutable(attribute: String)
    /// A version that cannot go, because labels lead to it.
    case labelledVersion(name: String, version: Int, labels: [String])
    case tooManyLabels(name: String, limit: Int)
    /// An adapter's name that another content has.
    case adapterTaken(name: String, version: Int, adapter: String)
    case tooManyAdapters(name: String, version: Int, limit: Int)

    /// A number that a file's folder asks for, and that another content has or had. `next` is the first that is free.
    case versionTaken(name: String, version: Int, next: Int)

    // MARK: The store on the disk

    case storage(StoreDiskError)
    /// The folder belongs to another process.
    case storeInUse(path: String)
    /// Another process is about to take over, and has the folder.
    case changesSuspended
    /// A file of the store that is not as it was written. `reason` is a full sentence.
    case damagedFile(reason: String)
    /// A model whose manifest cannot be read: changed by nobody but whoever repairs it. `reason` is a full sentence.
    case damagedModel(name: String, path: String, reason: String)
    /// The store does not know any more which versions were given out.
    case damagedStore(path: String)

    // MARK: Documents

    /// A member of a model document that means nothing there. `path` leads to the object that holds it.
    case unknownMember(path: [String], name: String, allowed: [String])
    /// Two members that cannot stand beside each other.
    case conflictingMembers(path: [String], first: String, second: String)
    /// A list of weights whose length is not the number of layers.
    case weightCountMismatch(layers: Int, weights: Int)
    case unknownFileFormat(String, allowed: [String])
    case coding(CodingError)
    /// A model file that is not JSON.
    case file(ModelFileError)
    /// The engine refused the layers. `path` leads from the document to the configuration or weight it was, and is empty
    /// where that is not known.
    case engine(EngineError, path: [String])

    // MARK: The start-up folder

    /// `reason` is a full sentence.
    case unreadableFile(path: String, reason: String)
    indirect case brokenFile(path: String, ModelStoreError)
}

extension ModelStoreError {
    /// Where in a document it is, as a clause for people; empty where that is not known.
    private var place: String {
        switch self {
        case .coding(let error):
            error.location.map { " (byte \($0.offset)" + ($0.pointer.isEmpty ? "" : ", \($0.pointer)") + ")" } ?? ""
        case .engine(_, let path): path.isEmpty ? "" : " (/" + path.joined(separator: "/") + ")"
        default: ""
        }
    }
}

extension ModelStoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidName(let name):
            "A model's name must be 1 to 128 letters, digits, '.', '_' or '-'. Received \(name.quoted)."
        case .unknownModel(let name):
            "There is no model \(name.quoted). GET /models lists those there are."
        case .unknownVersion(let name, let version, let available):
            "Model '\(name)' has no version \(version). Expected one of "
                + "\(available.suffix(20).map(String.init).joined(separator: ", ")), received \(version)."
        case .unknownDigest(let digest):
            "There is no model with the id \(digest.quoted). GET /models lists those there are."
        case .invalidLabel(let label):
            "A label must be 1 to 128 letters, digits, '.', '_' or '-'. Received \(label.quoted)."
        case .unknownLabel(let name, let label, let available):
            "Model \(name.quoted) has no label \(label.quoted). Expected "
                + (available.isEmpty
                    ? "none, since it has no labels"
                    : "one of \(available.prefix(20).map { "'\($0)'" }.joined(separator: ", "))") + "."
        case .invalidAdapter(let adapter):
            "An adapter's name must be 1 to 128 letters, digits, '.', '_' or '-'. Received \(adapter.quoted)."
        case .unknownAdapter(let name, let version, let adapter, let available):
            "Version \(version) of \(name.quoted) has no adapter \(adapter.quoted). Expected "
                + (available.isEmpty
                    ? "none, since it has no adapters"
                    : "one of \(available.prefix(20).map { "'\($0)'" }.joined(separator: ", "))") + "."
        case .adapterTaken(let name, let version, let adapter):
            "The adapter \(adapter.quoted) of version \(version) of '\(name)' has another content, and an adapter "
                + "never changes. Use another name, or remove it first."
        case .tooManyAdapters(let name, let version, let limit):
            "Version \(version) of '\(name)' has too many adapters. Expected at most \(limit)."
        case .labelledVersion(let name, let version, let labels):
            "A version with labels cannot be removed. Move or remove the labels of version \(version) of '\(name)' first: "
                + "\(labels.prefix(20).map { "'\($0)'" }.joined(separator: ", "))."
        case .tooManyLabels(let name, let limit):
            "Model '\(name)' has too many labels. Expected at most \(limit)."
        case .noLayers:
            "A model needs at least one layer. Received none."
        case .full(let limit, let used, let needed):
            "The model store is full. Expected at most \(limit) bytes (max_model_bytes), received a model of \(needed) "
                + "bytes with \(used) bytes in use."
        case .immutable(let attribute):
            "A registered model's attributes are fixed, except 'trainable'. Received \(attribute.quoted). Register "
                + "another version with PUT instead."
        case .versionTaken(let name, let version, let next):
            "Version \(version) of '\(name)' has or had another content, and a version never changes. Expected \(next) or "
                + "more, received \(version)."
        case .storage(let error) where error.isFull:
            "There is no room to store the change, and it was not made. \(error)"
        case .storage(let error): "The change could not be stored, and was not made. \(error)"
        case .storeInUse(let path):
            "Another server has the data folder. Expected to lock \(path), received: it is locked."
        case .changesSuspended:
            "The server is handing over to another process, and models cannot be changed for a moment. Try again."
        case .damagedFile(let reason): reason
        case .damagedModel(let name, let path, let reason):
            "Model '\(name)' is damaged in the data folder and cannot be changed. \(reason) Restore or remove \(path), and "
                + "start the server again."
        case .damagedStore(let path):
            "The file first_version in the data folder \(path) is damaged, and without it versions could be given out "
                + "twice. Restore it from a copy."
        case .unknownMember(_, let name, let allowed):
            "Unrecognized key \(name.quoted). Expected one of "
                + "\(allowed.map { "'\($0)'" }.joined(separator: ", "))."
        case .conflictingMembers(_, let first, let second):
            "The keys '\(first)' and '\(second)' cannot be given together. Expected one of them, received both."
        case .weightCountMismatch(let layers, let weights):
            "The list 'weights' must have one element for each layer. Expected \(layers), received \(weights)."
        case .unknownFileFormat(let format, let allowed):
            "The file format is not known. Expected one of \(allowed.map { "'\($0)'" }.joined(separator: ", ")), "
                + "received \(format.quoted)."
        case .coding(let error): error.description
        case .engine(let error, _): error.description
        case .file(let error): error.description
        case .unreadableFile(let path, let reason): "Cannot read \(path): \(reason)"
        case .brokenFile(let path, let error): "\(path) is not a usable model\(error.place): \(error)"
        }
    }
}

extension EngineError {
    /// Where in a configuration it is; empty where that is not known.
    var path: [String] {
        switch self {
        case .unknownConfigKey(let path, _, _, _), .missingConfigKey(let path, _), .invalidConfigValue(let path, _),
            .unknownIdentifier(let path, _, _, _), .unsupported(let path, _):
            path
        case .invalidShape, .elementCountMismatch, .rankTooLow, .lastAxisMismatch, .incompatibleInput, .tooLarge,
            .weightShapeMismatch, .missingWeight, .weightOutOfRange, .unexpectedWeight, .unknownInputShape, .queueFull:
            []
        }
    }
}
