package import Configuration
package import DenseEngine

/// The values one source gives, each checked against its setting, so that a wrong value is refused even where another
/// source overrides it.
package struct SettingsValues: Sendable {
    package let source: SettingsSource
    package private(set) var values: [AbsoluteConfigKey: Configuration.ConfigValue] = [:]

    /// The members of the settings file's object.
    ///
    /// - Throws: `SettingsError.unknownName`, `.invalidValue`.
    package init(file members: ConfigObject, path: String) throws(SettingsError) {
        source = .file(path: path)
        for member in members.members {
            guard let setting = ServerSettings.setting(named: member.name) else {
                throw .unknownName(member.name, source)
            }
            try set(setting, setting.content(json: member.value), received: member.value.settingDescription)
        }
    }

    /// The variables called `DENSE_` and a setting's name. Other variables are left alone: `unknownNames(in:)`.
    ///
    /// - Throws: `SettingsError.invalidValue`.
    package init(environment: [String: String]) throws(SettingsError) {
        source = .environment
        for setting in ServerSettings.all {
            guard let text = environment[setting.environmentName] else { continue }
            try set(setting, setting.content(text: text), received: "'\(text)'")
        }
    }

    /// `--name VALUE` and `--name=VALUE`; of a repeated flag the last one counts.
    ///
    /// - Throws: `SettingsError.unknownName`, `.invalidValue`, `.missingValue`, `.unexpectedArgument`.
    package init(arguments: [String]) throws(SettingsError) {
        source = .commandLine
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { throw .unexpectedArgument(argument) }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            guard let setting = ServerSettings.all.first(where: { $0.flag == flag }) else {
                throw .unknownName(flag, source)
            }
            guard let text = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw .missingValue(flag: flag)
            }
            try set(setting, setting.content(text: text), received: "'\(text)'")
        }
    }

    /// The variables by which hosts tell a container where to listen and what to serve (`HostVariable`).
    ///
    /// - Throws: `SettingsError.invalidValue`.
    package init(host environment: [String: String]) throws(SettingsError) {
        source = .environment
        for variable in HostVariable.all {
            guard let text = environment[variable.name], let value = variable.value(text),
                let setting = ServerSettings.setting(named: variable.setting)
            else { continue }
            try set(setting, setting.content(text: value), received: "\(variable.name)='\(text)'")
        }
    }

    private mutating func set(_ setting: Setting, _ content: ConfigContent?, received: String) throws(SettingsError) {
        guard let content else {
            throw .invalidValue(setting: setting.name, expected: setting.expected, received: received, source)
        }
        values[AbsoluteConfigKey([setting.name])] = ConfigValue(content, isSecret: false)
    }

    /// The variables that look like settings and are none: a typing error, or another program's.
    package static func unknownNames(in environment: [String: String]) -> [String] {
        let known = Set(ServerSettings.all.map(\.environmentName))
        return environment.keys.filter { $0.hasPrefix("DENSE_") && !known.contains($0) }.sorted()
    }
}

extension ServerSettings {
    /// The defaults, overridden by each source in turn: the last one wins.
    ///
    /// - Throws: `SettingsError.nowhereToListen`.
    package init(sources: [SettingsValues]) throws(SettingsError) {
        self.init()
        let reader = ConfigReader(providers: sources.reversed().map { InMemoryProvider(values: $0.values) })
        for setting in Self.all { setting.read(from: reader, into: &self) }
        guard !host.isEmpty || !unixSocket.isEmpty else { throw .nowhereToListen }
    }
}

extension Setting {
    /// The value a member of the settings file stands for, `nil` when it is not what the setting takes. The types are
    /// JSON's own: `"8080"` is no integer.
    fileprivate func content(json value: DenseEngine.ConfigValue) -> ConfigContent? {
        switch (kind, value) {
        case (.text, .string(let text)), (.choice, .string(let text)): content(text: text)
        case (.integer, .int(let number)): content(text: String(number))
        case (.flag, .bool(let flag)): .bool(flag)
        default: nil
        }
    }
}

extension DenseEngine.ConfigValue {
    /// A value as a message shows it: small ones whole, others by their kind.
    fileprivate var settingDescription: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .array: "an array"
        case .object: "an object"
        }
    }
}
