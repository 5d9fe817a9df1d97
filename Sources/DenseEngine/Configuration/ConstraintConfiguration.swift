/// Reading and writing constraints: what `keras.constraints.get` takes.
extension Constraint: SerializedByName {
    /// - Parameter value: a name (`MaxNorm` or `max_norm`), or an object with `class_name` and `config`.
    /// - Throws: `EngineError.unknownIdentifier` in Keras's words, and what is wrong with an argument.
    package init(_ value: ConfigValue) throws(EngineError) {
        self = try Self.read(value)
    }

    /// As Keras 3 writes it.
    package var serialized: ConfigValue {
        let (className, config): (String, ConfigObject) =
            switch self {
            case .maxNorm(let maxValue, let axis):
                ("MaxNorm", ["max_value": .double(maxValue), "axis": axis.configValue])
            case .nonNeg: ("NonNeg", [:])
            case .unitNorm(let axis): ("UnitNorm", ["axis": axis.configValue])
            case .minMaxNorm(let minValue, let maxValue, let rate, let axis):
                (
                    "MinMaxNorm",
                    [
                        "min_value": .double(minValue), "max_value": .double(maxValue), "rate": .double(rate),
                        "axis": axis.configValue,
                    ]
                )
            }
        return .object(SerializedObject.write(module: "keras.constraints", className: className, config: config))
    }

    static let kind = "constraint"

    static let classNames = ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"]

    static func read(_ className: String, _ arguments: ConfigObject) throws(EngineError) -> Constraint {
        var reader = ConfigReader(arguments, of: className)
        let constraint: Constraint =
            switch className {
            case "MaxNorm":
                .maxNorm(maxValue: try reader.number("max_value", default: 2), axis: try reader.normAxis())
            case "NonNeg": .nonNeg
            case "UnitNorm": .unitNorm(axis: try reader.normAxis())
            default:
                .minMaxNorm(
                    minValue: try reader.number("min_value", default: 0),
                    maxValue: try reader.number("max_value", default: 1), rate: try reader.number("rate", default: 1),
                    axis: try reader.normAxis())
            }
        try reader.finish()
        return constraint
    }
}

extension Constraint.Axis {
    fileprivate var configValue: ConfigValue {
        switch self {
        case .one(let axis): .int(axis)
        case .many(let axes): ConfigValue(axes)
        case .all: .null
        }
    }
}

extension ConfigReader {
    fileprivate mutating func normAxis() throws(EngineError) -> Constraint.Axis {
        try value("axis", default: .one(0)) { value throws(EngineError) in
            switch value {
            case .null: return .all
            case .array: return .many(try value.integers("axis"))
            default: return .one(try value.integer("axis"))
            }
        }
    }
}
