/// Why the settings cannot be used. The server does not start.
package enum SettingsError: Error, Hashable, Sendable {
    /// A name that is no setting.
    case unknownName(String, SettingsSource)
    /// A value of the wrong type, or outside its range.
    case invalidValue(setting: String, expected: String, received: String, SettingsSource)
    /// A flag at the end of the command line.
    case missingValue(flag: String)
    /// A word on the command line that is no flag.
    case unexpectedArgument(String)
    /// `reason` is a full sentence.
    case unreadableFile(path: String, reason: String)
    /// The file is JSON, but not an object.
    case notAnObject(path: String)
    /// Neither TCP nor a Unix socket is asked for.
    case nowhereToListen

    /// Whether the command line was misused, which has an exit status of its own.
    package var isUsageError: Bool {
        switch self {
        case .unknownName(_, let source), .invalidValue(_, _, _, let source): source == .commandLine
        case .missingValue, .unexpectedArgument: true
        case .unreadableFile, .notAnObject, .nowhereToListen: false
        }
    }
}

extension SettingsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownName(let name, let source):
            "Unknown setting \(source.place(of: name)). Expected one of "
                + ServerSettings.all.map { source.spelling(of: $0.name) }.joined(separator: ", ")
                + "; received \(source.spelling(of: name))."
        case .invalidValue(let name, let expected, let received, let source):
            "The value of \(source.place(of: name)) cannot be used. Expected \(expected), received \(received)."
        case .missingValue(let flag):
            "The flag \(flag) has no value. Expected \(flag) VALUE, received the end of the command line."
        case .unexpectedArgument(let argument):
            "'\(argument)' is not a flag. Expected --name VALUE or --name=VALUE, received '\(argument)'."
        case .unreadableFile(let path, let reason):
            "The settings file \(path) cannot be read. \(reason)"
        case .notAnObject(let path):
            "The settings file \(path) must hold one JSON object. Expected {\"name\": value, ...}, received another value."
        case .nowhereToListen:
            "There is nothing to listen on. Expected a 'host' or a 'unix_socket', received both empty."
        }
    }
}

/// Where a setting's value came from.
package enum SettingsSource: Hashable, Sendable {
    case file(path: String)
    case environment
    case commandLine

    /// A setting's name as it is written there.
    package func spelling(of name: String) -> String {
        let setting = ServerSettings.setting(named: name)
        return switch self {
        case .file: "'\(name)'"
        case .environment: setting?.environmentName ?? name
        case .commandLine: setting?.flag ?? name
        }
    }

    /// The name and the place: `'port' in config/server.json`.
    package func place(of name: String) -> String {
        switch self {
        case .file(let path): "\(spelling(of: name)) in \(path)"
        case .environment: "\(spelling(of: name)) in the environment"
        case .commandLine: "\(spelling(of: name)) on the command line"
        }
    }
}
