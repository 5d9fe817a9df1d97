/// Reads the arguments of one Keras class from its `config` object: each by name, checked for its type, with Keras's
/// default where it is absent. `finish()` then refuses the keys nobody asked for.
///
/// Errors carry the path from the object to the value.
struct ConfigReader {
    private let object: ConfigObject
    /// The Keras class, as messages name it.
    private let owner: String
    private var known: [String] = []

    init(_ object: ConfigObject, of owner: String) {
        self.object = object
        self.owner = owner
    }

    /// The value of an argument, `nil` when it is absent.
    mutating func take(_ name: String) -> ConfigValue? {
        known.append(name)
        return object[name]
    }

    /// An argument read by `read`, or the default when it is absent.
    mutating func value<T>(
        _ name: String, default: @autoclosure () -> T, _ read: (ConfigValue) throws(EngineError) -> T
    ) throws(EngineError) -> T {
        guard let value = take(name) else { return `default`() }
        return try within(name) { () throws(EngineError) in try read(value) }
    }

    /// An argument read by `read`; absent and `null` both mean none.
    mutating func optional<T>(
        _ name: String, _ read: (ConfigValue) throws(EngineError) -> T
    ) throws(EngineError) -> T? {
        guard let value = take(name), value != .null else { return nil }
        return try within(name) { () throws(EngineError) in try read(value) }
    }

    mutating func bool(_ name: String, default: Bool) throws(EngineError) -> Bool {
        try value(name, default: `default`) { value throws(EngineError) in
            guard case .bool(let bool) = value else { throw value.notA("a boolean", name) }
            return bool
        }
    }

    mutating func number(_ name: String, default: Double) throws(EngineError) -> Double {
        try value(name, default: `default`) { value throws(EngineError) in try value.number(name) }
    }

    mutating func optionalNumber(_ name: String) throws(EngineError) -> Double? {
        try optional(name) { value throws(EngineError) in try value.number(name) }
    }

    mutating func integer(_ name: String, default: Int) throws(EngineError) -> Int {
        try value(name, default: `default`) { value throws(EngineError) in try value.integer(name) }
    }

    mutating func optionalInteger(_ name: String) throws(EngineError) -> Int? {
        try optional(name) { value throws(EngineError) in try value.integer(name) }
    }

    /// One integer or a list of them, as Keras's `axis` arguments are.
    mutating func optionalIntegers(_ name: String) throws(EngineError) -> [Int]? {
        try optional(name) { value throws(EngineError) in
            guard case .array = value else { return [try value.integer(name)] }
            return try value.integers(name)
        }
    }

    /// - Throws: `EngineError.missingConfigKey` in Python's words.
    mutating func required(_ name: String) throws(EngineError) -> ConfigValue {
        guard let value = take(name) else {
            throw .missingConfigKey(
                path: [name], context: "\(owner).__init__() missing 1 required positional argument: '\(name)'")
        }
        return value
    }

    /// Accepts a key only when it is absent or `null`.
    mutating func refuse(_ name: String, because reason: String) throws(EngineError) {
        guard let value = take(name), value != .null else { return }
        throw .unsupported(path: [name], message: "\(reason) Expected null, received \(value.pythonRepresentation).")
    }

    /// - Throws: `EngineError.unknownConfigKey` for the first key that was not asked for.
    func finish() throws(EngineError) {
        for member in object.members where !known.contains(member.name) {
            throw .unknownConfigKey(
                path: [member.name], owner: owner, value: member.value.pythonRepresentation, allowed: known)
        }
    }
}

/// Runs `body`; its errors are those of the member `name`.
func within<T>(_ name: String, _ body: () throws(EngineError) -> T) throws(EngineError) -> T {
    do {
        return try body()
    } catch {
        throw error.prefixed(by: name)
    }
}

extension ConfigValue {
    /// The error of a value with the wrong type, in the words Keras uses for `trainable`.
    func notA(_ expected: String, _ name: String) -> EngineError {
        .invalidConfigValue(
            path: [],
            message: "Expected `\(name)` to be \(expected). Received: \(name)=\(pythonText) (of type \(pythonType))")
    }

    /// - Throws: `EngineError.invalidConfigValue` for anything but a number; booleans are none.
    func number(_ name: String) throws(EngineError) -> Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: throw notA("a number", name)
        }
    }

    func integer(_ name: String) throws(EngineError) -> Int {
        guard case .int(let value) = self else { throw notA("an integer", name) }
        return value
    }

    func integers(_ name: String) throws(EngineError) -> [Int] {
        guard case .array(let values) = self else { throw notA("a list of integers", name) }
        var integers: [Int] = []
        for (index, value) in values.enumerated() {
            integers.append(try within("\(index)") { () throws(EngineError) in try value.integer(name) })
        }
        return integers
    }

    func string(_ name: String) throws(EngineError) -> String {
        guard case .string(let value) = self else { throw notA("a string", name) }
        return value
    }

    func object(_ name: String) throws(EngineError) -> ConfigObject {
        guard case .object(let value) = self else { throw notA("an object", name) }
        return value
    }

    /// A shape with free axes: `[null, 8]`. `null` stands for any size.
    ///
    /// - Throws: `EngineError.invalidConfigValue` in the words of Keras's `standardize_shape`.
    func partialShape() throws(EngineError) -> [Int?] {
        guard case .array(let values) = self else {
            throw .invalidConfigValue(path: [], message: "Cannot convert '\(pythonText)' to a shape.")
        }
        var shape: [Int?] = []
        for (index, value) in values.enumerated() {
            switch value {
            case .null: shape.append(nil)
            case .int(let size) where size >= 0: shape.append(size)
            case .int:
                throw .invalidConfigValue(
                    path: ["\(index)"],
                    message: "Cannot convert '\(pythonText)' to a shape. Negative dimensions are not allowed.")
            default:
                throw .invalidConfigValue(
                    path: ["\(index)"],
                    message: "Cannot convert '\(pythonText)' to a shape. Found invalid dimension "
                        + "'\(value.pythonText)' of type '\(value.pythonType)'.")
            }
        }
        return shape
    }

    init(partialShape: [Int?]) {
        self = .array(partialShape.map { $0.map(ConfigValue.int) ?? .null })
    }

    init(_ number: Double?) {
        self = number.map(ConfigValue.double) ?? .null
    }

    init(_ integer: Int?) {
        self = integer.map(ConfigValue.int) ?? .null
    }

    init(_ integers: [Int]?) {
        self = integers.map { .array($0.map(ConfigValue.int)) } ?? .null
    }
}
