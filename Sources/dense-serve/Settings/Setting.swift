package import Configuration

/// One setting: its name as the configuration file spells it, what values it takes, and what it does.
package struct Setting: Sendable {
    package let name: String
    package let kind: Kind
    /// What an integer counts, where the name alone does not say it.
    package let unit: String?
    package let help: String

    package enum Kind: Sendable {
        case text(any WritableKeyPath<ServerSettings, String> & Sendable)
        case choice(any WritableKeyPath<ServerSettings, String> & Sendable, [String])
        case integer(any WritableKeyPath<ServerSettings, Int> & Sendable, ClosedRange<Int>)
        case flag(any WritableKeyPath<ServerSettings, Bool> & Sendable)
    }

    package init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }
}

// MARK: The setting's names

extension Setting {
    /// `DENSE_` and the name in capitals.
    package var environmentName: String { "DENSE_" + name.uppercased() }

    /// `--` and the name with dashes.
    package var flag: String { "--" + String(name.map { $0 == "_" ? "-" : $0 }) }

    /// The values the setting takes, as a phrase: `an integer from 0 to 65535`.
    package var expected: String {
        switch kind {
        case .text: "text"
        case .choice(_, let choices): "one of " + choices.map { "'\($0)'" }.joined(separator: ", ")
        case .integer(_, let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        }
    }
}

// MARK: The setting's values

extension Setting {
    /// The value that text from the environment or the command line stands for, `nil` when it is not what the setting
    /// takes.
    package func content(text: String) -> ConfigContent? {
        switch kind {
        case .text: return .string(text)
        case .choice(_, let choices): return choices.contains(text) ? .string(text) : nil
        case .integer(_, let range):
            guard let value = Int(text), range.contains(value) else { return nil }
            return .int(value)
        case .flag: return Bool(text).map { .bool($0) }
        }
    }

    /// What `settings` hold for this setting, as text that `content(text:)` reads back.
    package func text(in settings: ServerSettings) -> String {
        switch kind {
        case .text(let path), .choice(let path, _): settings[keyPath: path]
        case .integer(let path, _): String(settings[keyPath: path])
        case .flag(let path): String(settings[keyPath: path])
        }
    }

    /// Takes the value of the first of the reader's sources that has one; without any, `settings` stay as they are.
    package func read(from reader: ConfigReader, into settings: inout ServerSettings) {
        let key = ConfigKey([name])
        switch kind {
        case .text(let path), .choice(let path, _):
            settings[keyPath: path] = reader.string(forKey: key, default: settings[keyPath: path])
        case .integer(let path, _):
            settings[keyPath: path] = reader.int(forKey: key, default: settings[keyPath: path])
        case .flag(let path):
            settings[keyPath: path] = reader.bool(forKey: key, default: settings[keyPath: path])
        }
    }
}
