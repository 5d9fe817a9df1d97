internal import HTTPServer
internal import ModelStore

/// What can be told of a request to `POST /dense` before it is decoded: its model and its priority.
///
/// A binary body has them in the query. In JSON they are looked for among the members at the body's beginning, as far as
/// these are simple: `{"model": "a", "version": 1, "parameters": {"priority": 7}, "input": …`, in any order. What is not
/// there is not known until the body is decoded.
struct RequestHints: Sendable {
    private(set) var model: String?
    private(set) var version: Int?
    private(set) var label: String?
    private(set) var priority: Int?

    /// Bytes of the body that are looked at.
    private static let window = 1024

    /// What a protocol knows from a request's path.
    init(model: String, version: Int? = nil, label: String? = nil, priority: Int? = nil) {
        self.model = model
        self.version = version
        self.label = label
        self.priority = priority
    }

    init(_ request: HTTPRequest, as type: MediaType) {
        if type == .json {
            var scanner = HintScanner(unsafe request.body.withUnsafeBytes { unsafe Array($0.prefix(Self.window)) })
            read(&scanner)
        } else {
            for (name, value) in request.target.queryItems { set(name, value) }
        }
    }

    /// The model they lead to, if they do.
    func model(in models: ModelRegistry) -> Model? {
        model.flatMap { try? models.lookup($0, version: version, label: label) }
    }

    private mutating func read(_ scanner: inout HintScanner) {
        guard scanner.skip("{") else { return }
        repeat {
            guard let name = scanner.string(), scanner.skip(":") else { return }
            if name == "parameters" {
                guard scanner.skip("{") else { return }
                repeat {
                    guard let name = scanner.string(), scanner.skip(":"), let value = scanner.scalar() else { return }
                    if name == "priority" { priority = Int(value) }
                } while scanner.skip(",")
                guard scanner.skip("}") else { return }
            } else {
                guard let value = scanner.scalar() else { return }
                if name != "priority" { set(name, value) }
            }
        } while scanner.skip(",")
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        case "model": model = value
        case "version": version = Int(value)
        case "label": label = value
        case "priority": priority = Int(value)
        default: break
        }
    }
}

/// Reads the simplest parts of JSON, and stops at everything else.
private struct HintScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Passes over white space and a byte, if that is the one.
    mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// A string without escapes.
    mutating func string() -> String? {
        guard skip("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { return nil }
            position += 1
        }
        guard position < bytes.count else { return nil }
        position += 1
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }

    /// A string, or what stands for a number, `true`, `false` or `null`.
    mutating func scalar() -> String? {
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return string() }
        let start = position
        while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
        // What goes to the end may go on behind it.
        guard start < position, position < bytes.count else { return nil }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "+"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
