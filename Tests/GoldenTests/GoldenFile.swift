import DenseEngine
import FoundationEssentials

/// The file of golden data: cases, each with texts and tensors by name. `Tests/Golden/README.md` describes the format.
struct GoldenFile {
    /// Who computed the data.
    let header: String
    let cases: [GoldenCase]

    /// `Tests/Golden/keras.golden`.
    static func keras() throws -> GoldenFile { try GoldenFile(named: "keras.golden") }

    /// `Tests/Golden/precision.golden`.
    static func precision() throws -> GoldenFile { try GoldenFile(named: "precision.golden") }

    /// `Tests/Golden/dtypes.golden`.
    static func dtypes() throws -> GoldenFile { try GoldenFile(named: "dtypes.golden") }

    /// `Tests/Golden/float64.golden`.
    static func float64() throws -> GoldenFile { try GoldenFile(named: "float64.golden") }

    /// `Tests/Golden/seeds.golden`.
    static func seeds() throws -> GoldenFile { try GoldenFile(named: "seeds.golden") }

    /// A file of `Tests/Golden`, found from where this source file lies.
    private init(named name: String) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Golden/\(name)"))
        try self.init(bytes: Array(data))
    }

    /// - Throws: `GoldenFileError` when the bytes are not a whole file of this version.
    init(bytes: [UInt8]) throws {
        var reader = GoldenReader(bytes: bytes)
        guard try reader.bytes(8).elementsEqual("DSGOLD01".utf8) else { throw GoldenFileError.wrongMagic }
        header = try reader.text()
        cases = try (0..<reader.integer()).map { _ in
            let name = try reader.text()
            var texts: [String: String] = [:]
            var tensors: [String: Tensor] = [:]
            for _ in 0..<(try reader.byte()) {
                let field = try reader.text()
                switch try reader.byte() {
                case 0: texts[field] = try reader.text()
                case 1: tensors[field] = try reader.tensor()
                case 2: tensors[field] = try reader.doubleTensor()
                case let kind: throw GoldenFileError.unknownKind(kind)
                }
            }
            return GoldenCase(name: name, texts: texts, tensors: tensors)
        }
        guard reader.isAtEnd else { throw GoldenFileError.trailingBytes }
    }
}

enum GoldenFileError: Error, Hashable {
    case wrongMagic
    case cutOff(offset: Int)
    case unknownKind(UInt8)
    case trailingBytes
}

/// A cursor over the file's bytes.
private struct GoldenReader {
    private let content: [UInt8]
    private var offset = 0

    init(bytes: [UInt8]) { content = bytes }

    var isAtEnd: Bool { offset == content.count }

    mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= content.count - offset else { throw GoldenFileError.cutOff(offset: offset) }
        defer { offset += count }
        return content[offset..<offset + count]
    }

    mutating func byte() throws -> UInt8 { try bytes(1).reduce(0, +) }

    mutating func integer() throws -> Int { try bytes(4).reversed().reduce(0) { $0 << 8 | Int($1) } }

    mutating func text() throws -> String { String(decoding: try bytes(integer()), as: UTF8.self) }

    mutating func doubleTensor() throws -> Tensor {
        let rank = Int(try byte())
        let shape = try Shape((0..<rank).map { _ in try integer() })
        guard shape.count <= content.count / 8 else { throw GoldenFileError.cutOff(offset: offset) }
        let elements = try bytes(8 * shape.count)
        return try Tensor(
            shape: shape,
            doubles: stride(from: elements.startIndex, to: elements.endIndex, by: 8).map { index in
                Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(elements[index + $1]) << (8 * UInt64($1)) })
            })
    }

    mutating func tensor() throws -> Tensor {
        let rank = Int(try byte())
        let shape = try Shape((0..<rank).map { _ in try integer() })
        guard shape.count <= content.count / 4 else { throw GoldenFileError.cutOff(offset: offset) }
        let elements = try bytes(4 * shape.count)
        return try Tensor(
            shape: shape,
            elements: stride(from: elements.startIndex, to: elements.endIndex, by: 4).map { index in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(elements[index + $1]) << (8 * UInt32($1)) })
            })
    }
}
