internal import FileReading

/// What is to be done about the files of a folder, as they are seen to change: a value without files or clocks.
///
/// A file is loaded once it has stayed as it is for a moment, and while it is being written once it has stayed so for long.
/// One that could not be loaded is tried again when it has changed. What a file brought goes when the file has been missing
/// for a moment: programs that replace a file may remove it first.
package struct FolderWatch: Sendable {
    /// How long a file has to stay as it is, in milliseconds: after it was closed, and while somebody writes to it.
    package static let (settling, writing) = (200, 10_000)
    /// How long a file has to be missing.
    package static let absence = 1_000

    /// What is to be done.
    package enum Action: Hashable, Sendable {
        /// Load the candidate, in the place of the version its file brought before.
        case load(ModelCandidate, replacing: Int?)
        /// Remove the version that its file brought.
        case withdraw(ModelCandidate, version: Int)
    }

    private struct File: Sendable {
        var candidate: ModelCandidate
        /// Since when it has been as it is, or missing.
        var since: Int
        var isMissing = false
        /// What was loaded, or failed to load.
        var tried: [FileIdentity]?
        /// The version it brought.
        var version: Int?
    }

    private var files: [ModelCandidate.Key: File] = [:]

    /// Of a folder that nobody has looked at.
    package init() {}

    /// Takes what the folder holds now.
    package mutating func observe(_ candidates: [ModelCandidate], now: Int) {
        let found = Dictionary(candidates.map { ($0.key, $0) }) { first, _ in first }
        for (key, candidate) in found {
            guard var file = files[key] else {
                files[key] = File(candidate: candidate, since: now)
                continue
            }
            if file.isMissing || file.candidate.files != candidate.files { file.since = now }
            file.isMissing = false
            file.candidate = candidate
            files[key] = file
        }
        for (key, file) in files where found[key] == nil && !file.isMissing {
            files[key]?.isMissing = true
            files[key]?.since = now
        }
    }

    /// What is due, by ascending name.
    ///
    /// - Parameters:
    ///   - written: paths of files that were written to and not closed since.
    ///   - isHurried: whether everything is due at once: at the start.
    package mutating func actions(written: Set<String> = [], now: Int, isHurried: Bool = false) -> [Action] {
        var actions: [Action] = []
        for (key, file) in files.sorted(by: { $0.key < $1.key }) {
            guard isHurried || now >= time(of: file, written) else { continue }
            if file.isMissing {
                files[key] = nil
                if let version = file.version { actions.append(.withdraw(file.candidate, version: version)) }
            } else if file.tried != file.candidate.files {
                files[key]?.tried = file.candidate.files
                actions.append(.load(file.candidate, replacing: file.version))
            }
        }
        return actions
    }

    /// When the next of them is due, if nothing happens; nil for never.
    package func nextTime(written: Set<String> = []) -> Int? {
        files.values.filter { $0.isMissing || $0.tried != $0.candidate.files }.map { time(of: $0, written) }.min()
    }

    private func time(of file: File, _ written: Set<String>) -> Int {
        if file.isMissing { return file.since + Self.absence }
        let isWritten = file.candidate.paths.contains(where: written.contains)
        return file.since + (isWritten ? Self.writing : Self.settling)
    }

    // MARK: What came of it

    /// It brought a version; nil where the model had it already.
    package mutating func loaded(_ candidate: ModelCandidate, version: Int?) { files[candidate.key]?.version = version }

    /// It was changed while it was read, or something else than the file was in the way: it is tried again.
    package mutating func postpone(_ candidate: ModelCandidate, until time: Int) {
        files[candidate.key]?.tried = nil
        files[candidate.key]?.since = time
    }
}
