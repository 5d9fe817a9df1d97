internal import DenseEngine
internal import HTTPServer
package import Logging
internal import Synchronization
internal import TensorCoding

/// The least important level that is logged: every logger asks for it, and it can be changed while the server runs.
package final class LogControl: Sendable {
    private static let levels = Logger.Level.allCases
    private let index: Atomic<Int>

    package init(_ level: Logger.Level) { index = Atomic(Self.levels.firstIndex(of: level) ?? 0) }

    package var level: Logger.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.levels.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }
}

/// Triton's logging extension. Its switches become the one level there is here: of several the least important counts.
struct V2Logging {
    var info: Bool
    var warning: Bool
    var error: Bool
    var verboseLevel: Int

    init(_ level: Logger.Level) {
        info = level <= .info
        warning = level <= .warning
        error = level <= .error
        verboseLevel = level <= .trace ? 2 : level <= .debug ? 1 : 0
    }

    var level: Logger.Level {
        if verboseLevel > 0 { return verboseLevel > 1 ? .trace : .debug }
        return info ? .info : warning ? .warning : error ? .error : .critical
    }

    /// Takes what a client wants changed.
    ///
    /// - Throws: for a setting that is not one, or that cannot be changed while the server runs.
    mutating func change(_ settings: ConfigObject) throws(V2Error) {
        for member in settings.members {
            switch (member.name, member.value) {
            case ("log_info", .bool(let flag)): info = flag
            case ("log_warning", .bool(let flag)): warning = flag
            case ("log_error", .bool(let flag)): error = flag
            case ("log_verbose_level", .int(let level)) where level >= 0: verboseLevel = level
            case ("log_format", .string("default")), ("log_file", .string("")): break
            case ("log_info", _), ("log_warning", _), ("log_error", _):
                throw .invalidSetting(member.name, expected: "true or false")
            case ("log_verbose_level", _): throw .invalidSetting(member.name, expected: "an integer, 0 or more")
            case ("log_format", _), ("log_file", _): throw .fixedSetting(member.name)
            default:
                throw .invalidSetting(
                    member.name, expected: "one of log_info, log_warning, log_error and log_verbose_level")
            }
        }
    }

    var response: HTTPResponse {
        HTTPResponse(.ok) { writer in
            writer.member("log_file", "")
            writer.member("log_info", info)
            writer.member("log_warning", warning)
            writer.member("log_error", error)
            writer.member("log_verbose_level", verboseLevel)
            writer.member("log_format", "default")
        }
    }
}
