/// One Keras object as `keras.saving.serialize_keras_object` writes it: the class and its `config`, and around them
/// Keras 3's `module`, `registered_name`, `build_config` and `shared_object_id`. Keras 2 wrote the first two only.
struct SerializedObject {
    let className: String
    /// What stands under `config`: an object, `null` or, for a function, its name.
    let config: ConfigValue
    let buildConfig: ConfigObject?

    /// Whether an object has this form, rather than being a bare `config`.
    static func matches(_ object: ConfigObject) -> Bool { object["class_name"] != nil }

    /// - Throws: EngineError for keys of the wrong type, keys unknown, and classes that are not Keras's own.
    init(_ object: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(object, of: "a serialized Keras object")
        let name = try within("class_name") { () throws(EngineError) in
            try (object["class_name"] ?? .null).string("class_name")
        }
        _ = reader.take("class_name")
        self.className = name
        self.config = reader.take("config") ?? .null
        if name == "__lambda__" {
            throw .unsupported(
                path: ["class_name"],
                message: "A serialized Python lambda is never run. Expected a Keras class, received '__lambda__'.")
        }
        if let module = try reader.optional("module", { value throws(EngineError) in try value.string("module") }) {
            try Self.checkModule(module, of: name)
        }
        if let registered = try reader.optional(
            "registered_name", { value throws(EngineError) in try value.string("registered_name") }),
            registered != name, registered != config.pythonText
        {
            throw .unsupported(
                path: ["registered_name"],
                message: "`registered_name='\(registered)'` was provided in the config, but '\(name)' resolved to a "
                    + "Keras built-in and does not use registered names. Remove the `registered_name` field from the "
                    + "config.")
        }
        self.buildConfig = try reader.optional("build_config") { value throws(EngineError) in
            try value.object("build_config")
        }
        // Written by models that were compiled, by layers that share an object, and by Keras 2's `to_json()`; none
        // changes inference.
        for name in ["compile_config", "shared_object_id", "keras_version", "backend"] { _ = reader.take(name) }
        try reader.finish()
    }

    /// The arguments of a class: an empty object when `config` is absent or `null`.
    func arguments() throws(EngineError) -> ConfigObject {
        switch config {
        case .object(let object): return object
        case .null: return [:]
        default:
            throw .invalidConfigValue(
                path: ["config"],
                message: "Expected 'config' to be a dict for \(className), instead got \(config.pythonType)")
        }
    }

    /// Custom classes live in modules of their own, and cannot be run here.
    private static func checkModule(_ module: String, of name: String) throws(EngineError) {
        let package = module.prefix { $0 != "." }
        guard ["keras", "tf_keras", "tensorflow", "builtins"].contains(package) else {
            throw .unsupported(
                path: ["module"],
                message: "The class '\(name)' is not one of Keras's own. Expected a module of 'keras', received "
                    + "'\(ConfigValue.string(module).pythonText)'.")
        }
    }

    /// The form Keras 3 writes.
    static func write(module: String, className: String, config: ConfigObject) -> ConfigObject {
        [
            "module": .string(module), "class_name": .string(className), "config": .object(config),
            "registered_name": .null,
        ]
    }
}
