/// Reading and writing regularizers: what `keras.regularizers.get` takes.
extension Regularizer: SerializedByName {
    /// - Parameter value: a name (`L2`, `l2`, `orthogonal_regularizer`), or an object with `class_name` and `config`.
    /// - Throws: `EngineError.unknownIdentifier` in Keras's words, and what is wrong with an argument.
    package init(_ value: ConfigValue) throws(EngineError) {
        self = try Self.read(value)
    }

    /// As Keras 3 writes it.
    package var serialized: ConfigValue {
        let (className, config): (String, ConfigObject) =
            switch self {
            case .l1(let l1): ("L1", ["l1": .double(l1)])
            case .l2(let l2): ("L2", ["l2": .double(l2)])
            case .l1l2(let l1, let l2): ("L1L2", ["l1": .double(l1), "l2": .double(l2)])
            case .orthogonal(let factor, let mode):
                ("OrthogonalRegularizer", ["factor": .double(factor), "mode": .string(mode.rawValue)])
            }
        return .object(SerializedObject.write(module: "keras.regularizers", className: className, config: config))
    }

    static let kind = "regularizer"

    static let classNames = ["L1", "L2", "L1L2", "OrthogonalRegularizer"]

    static func canonical(_ name: String) -> String? {
        // `l1_l2` is the name of Keras's function, and of Keras 2's string.
        name == "l1_l2" ? "L1L2" : classNames.first { $0 == name || snakeCase($0) == name }
    }

    static func read(_ className: String, _ arguments: ConfigObject) throws(EngineError) -> Regularizer {
        var reader = ConfigReader(arguments, of: className)
        let regularizer: Regularizer
        switch className {
        case "L1": regularizer = .l1(rounded(try reader.factor("l1", default: 0.01)))
        case "L2": regularizer = .l2(try reader.factor("l2", default: 0.01))
        case "L1L2":
            regularizer = .l1l2(l1: try reader.factor("l1", default: 0), l2: try reader.factor("l2", default: 0))
        default:
            regularizer = .orthogonal(
                factor: rounded(try reader.factor("factor", default: 0.01)), mode: try reader.orthogonalMode())
        }
        try reader.finish()
        return regularizer
    }

    /// Keras keeps these factors as float32 tensors and writes them back so.
    private static func rounded(_ factor: Double) -> Double { Double(Float(factor)) }
}

extension ConfigReader {
    /// Keras's `validate_float_arg`; `null` is the default.
    fileprivate mutating func factor(_ name: String, default: Double) throws(EngineError) -> Double {
        try optional(name) { value throws(EngineError) in
            if case .int(let factor) = value, factor >= 0 { return Double(factor) }
            if case .double(let factor) = value, factor >= 0, factor.isFinite { return factor }
            throw .invalidConfigValue(
                path: [],
                message: "Invalid value for argument \(name): expected a non-negative float. "
                    + "Received: \(name)=\(value.pythonText)")
        } ?? `default`
    }

    fileprivate mutating func orthogonalMode() throws(EngineError) -> Regularizer.OrthogonalMode {
        try value("mode", default: .rows) { value throws(EngineError) in
            if case .string(let name) = value, let mode = Regularizer.OrthogonalMode(rawValue: name) { return mode }
            throw .invalidConfigValue(
                path: [],
                message: "Invalid value for argument `mode`. Expected one of {\"rows\", \"columns\"}. "
                    + "Received: mode=\(value.pythonText)")
        }
    }
}
