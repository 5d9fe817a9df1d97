package import AccessControl
package import Logging

/// Where the list of those who are let in comes from: a file and a setting, together.
package struct AccessSource: Sendable {
    private let file: String
    private let setting: String

    /// A source, nil where there is none.
    ///
    /// - Parameters:
    ///   - file: the path of `tokens_file`, empty for none.
    ///   - setting: the lines of `tokens`, empty for none.
    package init?(file: String, setting: String) {
        guard !file.isEmpty || !setting.isEmpty else { return nil }
        self.file = file
        self.setting = setting
    }

    /// Reads the list. What is doubtful about it is logged; what its lines say never is.
    package func read(logger: Logger) throws(AccessSourceError) -> AccessList {
        let inline = try list("tokens") { () throws(AccessListError) in
            try AccessListParser.parse(setting: setting)
        }
        var entries = inline.entries
        if !file.isEmpty {
            let contents = try SecretFile.read(file, atMost: AccessListParser.maximumBytes)
            if contents.isExposed {
                logger.warning(
                    "the file of tokens can be read or changed by others; chmod 600 keeps it to its owner",
                    metadata: ["file": "\(file)"])
            }
            let list = try list("tokens_file \(file)") { () throws(AccessListError) in
                try AccessListParser.parse(contents.bytes)
            }
            guard Set(entries.map(\.key)).isDisjoint(with: list.entries.map(\.key)) else { throw .listedTwice }
            entries += list.entries
        }
        if entries.isEmpty { logger.warning("nobody is let in, since nobody is listed") }
        return AccessList(entries)
    }

    private func list(
        _ source: String, _ parse: () throws(AccessListError) -> AccessList
    ) throws(AccessSourceError) -> AccessList {
        do throws(AccessListError) { return try parse() } catch { throw .invalid(source: source, error) }
    }
}

/// Why there is no list of those who are let in.
package enum AccessSourceError: Error, Hashable, Sendable {
    case unreadable(path: String, reason: String)
    case invalid(source: String, AccessListError)
    /// A client is in the file and in the setting.
    case listedTwice
}

extension AccessSourceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "The file of tokens \(path) cannot be used. \(reason)"
        case .invalid(let source, let error): "\(source), \(error)"
        case .listedTwice:
            "A client is listed twice. Expected it in the setting tokens or in tokens_file, received it in both."
        }
    }
}
