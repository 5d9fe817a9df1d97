/// What Keras writes as an object with `class_name` and `config`, and takes by the name alone as well: constraints and
/// regularizers.
protocol SerializedByName {
    /// What the values are, for Keras's sentence about an unknown one.
    static var kind: String { get }
    /// Keras's classes.
    static var classNames: [String] { get }
    /// Keras's class name for a name in any of the forms Keras knows; `nil` for an unknown one.
    static func canonical(_ name: String) -> String?
    /// A value from the arguments of one of the classes.
    static func read(_ className: String, _ arguments: ConfigObject) throws(EngineError) -> Self
}

extension SerializedByName {
    /// The class's own name, or Keras's function of that name: `max_norm`.
    static func canonical(_ name: String) -> String? {
        classNames.first { $0 == name || snakeCase($0) == name }
    }

    /// Reads a name, or an object with `class_name` and `config`.
    ///
    /// - Throws: `EngineError.unknownIdentifier` in Keras's words, and what is wrong with an argument.
    static func read(_ value: ConfigValue) throws(EngineError) -> Self {
        switch value {
        case .string(let name):
            guard let className = canonical(name) else { throw unknown(value, path: []) }
            return try read(className, [:])
        case .object(let object) where SerializedObject.matches(object):
            let serialized = try SerializedObject(object)
            guard let className = canonical(serialized.className) else { throw unknown(value, path: ["class_name"]) }
            let arguments = try serialized.arguments()
            return try within("config") { () throws(EngineError) in try read(className, arguments) }
        default: throw unknown(value, path: [])
        }
    }

    private static func unknown(_ value: ConfigValue, path: [String]) -> EngineError {
        .unknownIdentifier(path: path, kind: kind, name: value.pythonText, expected: classNames)
    }
}
