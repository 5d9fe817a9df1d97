internal import Crypto
internal import DenseEngine
internal import TensorCoding

/// What the store knows of one model apart from its weights, in one small file: a line of JSON, and a line with the
/// SHA-256 of it. It is replaced as a whole, so it says what was before a change or what is after it.
struct StoredManifest: Equatable, Sendable {
    struct Version: Equatable, Sendable {
        let number: Int
        /// Of the content, which is checked when it is loaded.
        let digest: ModelDigest
        /// Bytes of its file; 0 where the content is a file's in the folder of models, and not stored again.
        var fileSize = 0
        var isFromFolder = false
        var trainable: Bool?
        var batching = BatchOptions()
        /// Ascending by name.
        var adapters: [Adapter] = []

        /// Bytes of its files.
        var byteCount: Int { adapters.reduce(fileSize) { $0 + $1.fileSize } }
    }

    struct Adapter: Equatable, Sendable {
        let name: String
        /// Of the content, which is checked when it is loaded.
        let digest: ModelDigest
        /// Bytes of its file.
        var fileSize = 0
    }

    var nextVersion = 1
    /// Ascending.
    var versions: [Version] = []
    var labels: [String: Int] = [:]
    /// What clients have removed of that which the folder of models brought, and still may hold.
    var dismissed: Set<ModelDigest> = []

    /// A file of a version, or of an adapter of it.
    struct File: Hashable, Sendable {
        let version: Int
        var adapter: String?
    }

    /// The files there are to be.
    var files: [File] {
        versions.filter { !$0.isFromFolder }.flatMap { version in
            [File(version: version.number)]
                + version.adapters.map { File(version: version.number, adapter: $0.name) }
        }
    }

    /// Whether it only remembers which number comes next.
    var isEmpty: Bool { versions.isEmpty && labels.isEmpty && dismissed.isEmpty }
}

// MARK: Writing

extension StoredManifest {
    private static let format = 1

    var encoded: [UInt8] {
        let object: ConfigObject = [
            "format": .int(Self.format), "next_version": .int(nextVersion),
            "versions": .array(versions.map { .object($0.object) }),
            "labels": .object(
                ConfigObject(
                    labels.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .int($0.value)) })),
            "dismissed": .array(dismissed.map(\.hexadecimal).sorted().map(ConfigValue.string)),
        ]
        return CheckedLine.encode(ConfigValue.object(object).json)
    }
}

extension StoredManifest.Version {
    fileprivate var object: ConfigObject {
        var object: ConfigObject = ["version": .int(number), "sha256": .string(digest.hexadecimal)]
        if isFromFolder { object["from_folder"] = .bool(true) } else { object["file_size"] = .int(fileSize) }
        if let trainable { object["trainable"] = .bool(trainable) }
        let limits = BatchOptions.members.compactMap { member in
            batching[member.name].map { ConfigObject.Member(name: member.name, value: .int($0)) }
        }
        if !limits.isEmpty { object["batching"] = .object(ConfigObject(limits)) }
        if !adapters.isEmpty { object["adapters"] = .array(adapters.map { .object($0.object) }) }
        return object
    }
}

extension StoredManifest.Adapter {
    fileprivate var object: ConfigObject {
        ["name": .string(name), "sha256": .string(digest.hexadecimal), "file_size": .int(fileSize)]
    }

    fileprivate init?(_ value: ConfigValue) {
        guard case .object(let object) = value, case .string(let name)? = object["name"],
            ModelRegistry.isValid(name: name), case .string(let text)? = object["sha256"],
            let digest = ModelDigest(ModelDigest.prefix + text), case .int(let size)? = object["file_size"]
        else { return nil }
        self.init(name: name, digest: digest, fileSize: size)
    }
}

// MARK: Reading

extension StoredManifest {
    /// - Throws: `damagedFile` for anything but what `encoded` gives.
    init(decoding bytes: [UInt8]) throws(ModelStoreError) {
        let value: ConfigValue
        let text = try CheckedLine.decode(bytes)
        value = try coding { () throws(CodingError) in try ConfigValue(json: text) }
        guard case .object(let object) = value, object["format"] == .int(Self.format) else {
            throw .damagedFile(reason: "Expected a manifest of format \(Self.format), received another.")
        }
        guard case .int(let next)? = object["next_version"], next > 0, case .array(let versions)? = object["versions"],
            case .object(let labels)? = object["labels"], case .array(let dismissed)? = object["dismissed"]
        else { throw .damagedFile(reason: "Expected the members of a manifest, received others.") }
        nextVersion = next
        for version in versions {
            guard let version = Version(version), version.number < next,
                version.number > self.versions.last?.number ?? 0
            else { throw .damagedFile(reason: "Expected ascending versions below the next one, received others.") }
            self.versions.append(version)
        }
        for member in labels.members {
            guard case .int(let version) = member.value else { throw .damagedFile(reason: "A label has no version.") }
            self.labels[member.name] = version
        }
        for value in dismissed {
            guard case .string(let text) = value, let digest = ModelDigest(ModelDigest.prefix + text) else {
                throw .damagedFile(reason: "Expected a SHA-256, received something else.")
            }
            self.dismissed.insert(digest)
        }
    }
}

extension StoredManifest.Version {
    fileprivate init?(_ value: ConfigValue) {
        guard case .object(let object) = value, case .int(let number)? = object["version"],
            case .string(let text)? = object["sha256"], let digest = ModelDigest(ModelDigest.prefix + text)
        else { return nil }
        self.init(number: number, digest: digest)
        isFromFolder = object["from_folder"] == .bool(true)
        if case .int(let size)? = object["file_size"] { fileSize = size }
        if case .bool(let flag)? = object["trainable"] { trainable = flag }
        if let list = object["adapters"] {
            guard case .array(let values) = list else { return nil }
            for value in values {
                guard let adapter = StoredManifest.Adapter(value), adapter.name > adapters.last?.name ?? "" else {
                    return nil
                }
                adapters.append(adapter)
            }
        }
        guard case .object(let limits)? = object["batching"] else { return }
        for limit in limits.members {
            if case .int(let value) = limit.value { batching[limit.name] = value }
        }
    }
}

/// A line of text with its SHA-256 on a second line.
enum CheckedLine {
    static func encode(_ text: String) -> [UInt8] {
        let line = Array(text.utf8) + [UInt8(ascii: "\n")]
        return line + Array("\(ModelDigest.prefix)\(digest(line))\n".utf8)
    }

    static func decode(_ bytes: [UInt8]) throws(ModelStoreError) -> String {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            throw .damagedFile(reason: "Expected a line and its SHA-256, received \(bytes.count) bytes without an end.")
        }
        let line = Array(bytes[...end])
        guard bytes[(end + 1)...].elementsEqual("\(ModelDigest.prefix)\(digest(line))\n".utf8) else {
            throw .damagedFile(reason: "Its SHA-256 is not the one it has on its second line.")
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    private static func digest(_ line: [UInt8]) -> String {
        String(hexadecimal: SHA256.hash(data: line))
    }
}
