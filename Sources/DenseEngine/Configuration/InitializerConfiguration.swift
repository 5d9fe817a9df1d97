/// Reading and writing initializers: what `keras.initializers.get` takes.
extension Initializer {
    /// - Parameter value: a name (`GlorotUniform` or `glorot_uniform`), or an object with `class_name` and `config`;
    ///   `null` is Keras's default for a weight without an initializer, Glorot uniform.
    /// - Throws: `EngineError.unknownIdentifier` in Keras's words, and what is wrong with an argument.
    package init(_ value: ConfigValue) throws(EngineError) {
        switch value {
        case .null: self = .glorotUniform(seed: nil)
        case .string(let name):
            guard let initializer = try Self.read(name, [:], at: []) else { throw Self.unknown(value, path: []) }
            self = initializer
        case .object(let object) where SerializedObject.matches(object):
            let serialized = try SerializedObject(object)
            let arguments = try serialized.arguments()
            guard let initializer = try Self.read(serialized.className, arguments, at: ["config"]) else {
                throw Self.unknown(value, path: ["class_name"])
            }
            self = initializer
        default: throw Self.unknown(value, path: [])
        }
    }

    /// As Keras 3 writes it.
    package var serialized: ConfigValue {
        .object(SerializedObject.write(module: "keras.initializers", className: className, config: config))
    }

    private static func unknown(_ value: ConfigValue, path: [String]) -> EngineError {
        .unknownIdentifier(path: path, kind: "initializer", name: value.pythonText, expected: classNames)
    }

    private static let classNames = [
        "Zeros", "Ones", "Constant", "Identity", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
        "GlorotUniform", "GlorotNormal", "LecunUniform", "LecunNormal", "HeUniform", "HeNormal", "Orthogonal",
    ]

    /// `nil` for a class that is not known. Errors are found under `path`.
    private static func read(
        _ name: String, _ arguments: ConfigObject, at path: [String]
    ) throws(EngineError) -> Initializer? {
        do throws(EngineError) {
            guard let className = canonical(name) else { return nil }
            var reader = ConfigReader(arguments, of: className)
            var initializer = try read(className, &reader)
            if initializer.isRandom, let backend = try reader.seedBackend() {
                initializer = .drawn(by: backend, initializer)
            }
            try reader.finish()
            try initializer.validate()
            return initializer
        } catch {
            throw path.reversed().reduce(error) { $0.prefixed(by: $1) }
        }
    }

    /// Keras's class name for a name in any of the forms Keras knows; `nil` for an unknown one.
    private static func canonical(_ name: String) -> String? {
        let aliases = [
            "IdentityInitializer": "Identity", "OrthogonalInitializer": "Orthogonal", "normal": "RandomNormal",
            "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros",
        ]
        return classNames.first { $0 == name || snakeCase($0) == name } ?? aliases[name]
    }

    private static func read(_ className: String, _ reader: inout ConfigReader) throws(EngineError) -> Initializer {
        switch className {
        case "Zeros": .zeros
        case "Ones": .ones
        case "Constant": .constant(value: try reader.number("value", default: 0))
        case "Identity": .identity(gain: try reader.number("gain", default: 1))
        case "RandomNormal":
            .randomNormal(
                mean: try reader.number("mean", default: 0), stddev: try reader.number("stddev", default: 0.05),
                seed: try reader.seed())
        case "TruncatedNormal":
            .truncatedNormal(
                mean: try reader.number("mean", default: 0), stddev: try reader.number("stddev", default: 0.05),
                seed: try reader.seed())
        case "RandomUniform":
            .randomUniform(
                minimum: try reader.number("minval", default: -0.05),
                maximum: try reader.number("maxval", default: 0.05), seed: try reader.seed())
        case "VarianceScaling":
            .varianceScaling(
                scale: try reader.number("scale", default: 1), mode: try reader.fanMode(),
                distribution: try reader.distribution(), seed: try reader.seed(), axes: try reader.fanAxes())
        case "GlorotUniform": .glorotUniform(seed: try reader.seed(), axes: try reader.fanAxes())
        case "GlorotNormal": .glorotNormal(seed: try reader.seed(), axes: try reader.fanAxes())
        case "LecunUniform": .lecunUniform(seed: try reader.seed(), axes: try reader.fanAxes())
        case "LecunNormal": .lecunNormal(seed: try reader.seed(), axes: try reader.fanAxes())
        case "HeUniform": .heUniform(seed: try reader.seed(), axes: try reader.fanAxes())
        case "HeNormal": .heNormal(seed: try reader.seed(), axes: try reader.fanAxes())
        default: .orthogonal(gain: try reader.number("gain", default: 1), seed: try reader.seed())
        }
    }

    private var className: String {
        switch self {
        case .zeros: "Zeros"
        case .ones: "Ones"
        case .constant: "Constant"
        case .identity: "Identity"
        case .randomNormal: "RandomNormal"
        case .randomUniform: "RandomUniform"
        case .truncatedNormal: "TruncatedNormal"
        case .varianceScaling: "VarianceScaling"
        case .glorotUniform: "GlorotUniform"
        case .glorotNormal: "GlorotNormal"
        case .lecunUniform: "LecunUniform"
        case .lecunNormal: "LecunNormal"
        case .heUniform: "HeUniform"
        case .heNormal: "HeNormal"
        case .orthogonal: "Orthogonal"
        case .drawn(_, let initializer): initializer.className
        }
    }

    private var isRandom: Bool {
        switch self {
        case .zeros, .ones, .constant, .identity: false
        default: true
        }
    }

    /// The arguments in the order of Keras's `get_config()`.
    private var config: ConfigObject {
        switch self {
        case .zeros, .ones: [:]
        case .constant(let value): ["value": .double(value)]
        // Keras forgets the gain; it is written where it says something.
        case .identity(let gain): gain == 1 ? [:] : ["gain": .double(gain)]
        case .randomNormal(let mean, let stddev, let seed), .truncatedNormal(let mean, let stddev, let seed):
            ["seed": ConfigValue(seed), "mean": .double(mean), "stddev": .double(stddev)]
        case .randomUniform(let minimum, let maximum, let seed):
            ["seed": ConfigValue(seed), "minval": .double(minimum), "maxval": .double(maximum)]
        case .varianceScaling(let scale, let mode, let distribution, let seed, let axes):
            [
                "seed": ConfigValue(seed), "scale": .double(scale), "mode": .string(mode.rawValue),
                "distribution": .string(distribution.rawValue), "input_axes": ConfigValue(axes.input),
                "output_axes": ConfigValue(axes.output),
            ]
        case .glorotUniform(let seed, let axes), .glorotNormal(let seed, let axes), .lecunUniform(let seed, let axes),
            .lecunNormal(let seed, let axes), .heUniform(let seed, let axes), .heNormal(let seed, let axes):
            [
                "seed": ConfigValue(seed), "input_axes": ConfigValue(axes.input),
                "output_axes": ConfigValue(axes.output),
            ]
        case .orthogonal(let gain, let seed): ["seed": ConfigValue(seed), "gain": .double(gain)]
        case .drawn(let backend, let initializer): initializer.config.adding("seed_backend", .string(backend.rawValue))
        }
    }
}

extension ConfigReader {
    fileprivate mutating func seed() throws(EngineError) -> Int? {
        try optional("seed") { value throws(EngineError) in
            if case .int(let seed) = value { return seed }
            if case .object = value {
                throw .unsupported(
                    path: [],
                    message: "A seed generator is not supported here. Expected an integer or null, received "
                        + "\(value.pythonRepresentation).")
            }
            throw .invalidConfigValue(
                path: [],
                message: "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer. "
                    + "Received: seed=\(value.pythonText)")
        }
    }

    /// Nil for the default.
    fileprivate mutating func seedBackend() throws(EngineError) -> SeedBackend? {
        let backend = try optional("seed_backend") { value throws(EngineError) in
            guard case .string(let name) = value, let backend = SeedBackend(rawValue: name) else {
                throw .invalidConfigValue(
                    path: [],
                    message: "Expected `seed_backend` to be one of 'numpy', 'jax' and 'tensorflow'. Received: "
                        + "seed_backend=\(value.pythonText)")
            }
            return backend
        }
        return backend == .numpy ? nil : backend
    }

    fileprivate mutating func fanMode() throws(EngineError) -> Initializer.FanMode {
        try value("mode", default: .fanIn) { value throws(EngineError) in
            if case .string(let name) = value, let mode = Initializer.FanMode(rawValue: name) { return mode }
            throw .invalidConfigValue(
                path: [],
                message: "Invalid `mode` argument: \(value.pythonText). Please use one of "
                    + "{'fan_in', 'fan_out', 'fan_avg'}")
        }
    }

    fileprivate mutating func distribution() throws(EngineError) -> Initializer.Distribution {
        try value("distribution", default: .truncatedNormal) { value throws(EngineError) in
            if case .string(let name) = value {
                let lowercased = name.lowercased()
                if lowercased == "normal" { return .truncatedNormal }
                if let distribution = Initializer.Distribution(rawValue: lowercased) { return distribution }
            }
            throw .invalidConfigValue(
                path: [],
                message: "Invalid `distribution` argument: \(value.pythonText). Please use one of "
                    + "{'uniform', 'truncated_normal', 'untruncated_normal'}")
        }
    }

    fileprivate mutating func fanAxes() throws(EngineError) -> Initializer.FanAxes {
        Initializer.FanAxes(input: try optionalIntegers("input_axes"), output: try optionalIntegers("output_axes"))
    }
}

extension ConfigObject {
    fileprivate func adding(_ name: String, _ value: ConfigValue) -> ConfigObject {
        var object = self
        object[name] = value
        return object
    }
}
