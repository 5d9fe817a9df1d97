import DenseEngine
import FoundationEssentials
import TensorCoding

/// The settings file, and all sources together.
package enum SettingsFile {
    /// Read when no other file is named, and may be missing.
    package static let defaultPath = "config/server.json"

    /// The settings of this process: the file, then what a host's variables say, then the environment's own, then the
    /// flags.
    ///
    /// - Parameter path: the file's path; `nil` for `defaultPath`, where there is one.
    /// - Throws: `SettingsError`.
    package static func settings(path: String?, arguments: [String] = []) throws(SettingsError) -> ServerSettings {
        var sources: [SettingsValues] = []
        if path != nil || FileManager.default.fileExists(atPath: defaultPath) {
            sources.append(try read(path ?? defaultPath))
        }
        let environment = ProcessInfo.processInfo.environment
        sources.append(try SettingsValues(host: environment))
        sources.append(try SettingsValues(environment: environment))
        sources.append(try SettingsValues(arguments: arguments))
        return try ServerSettings(sources: sources)
    }

    /// One file: a JSON object with settings as its members.
    ///
    /// - Throws: `SettingsError.unreadableFile`, `.notAnObject`, `.unknownName`, `.invalidValue`.
    package static func read(_ path: String) throws(SettingsError) -> SettingsValues {
        let value: ConfigValue
        do {
            value = try ConfigValue(json: InputFile.read(path))
        } catch let error as InputFileError {
            throw .unreadableFile(path: path, reason: error.reason)
        } catch {
            throw .unreadableFile(path: path, reason: "\(error)")
        }
        guard case .object(let members) = value else { throw .notAnObject(path: path) }
        return try SettingsValues(file: members, path: path)
    }
}
