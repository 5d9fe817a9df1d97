internal import Locks

/// What is being loaded, and what could not be: readable at the model's status. Safe to use from any thread.
package final class ModelLoads: Sendable {
    /// What a load reads.
    package enum Source: Hashable, Sendable {
        /// A file of the folder of models, by its path.
        case file(String)
        /// A version of the data folder, or the manifest of all.
        case stored(version: Int?)
        /// The body of a request, by the request's id.
        case upload(String)
    }

    /// One load at one moment.
    package struct Load: Hashable, Sendable {
        package let source: Source
        /// How far it is, from 0 to 1.
        package fileprivate(set) var progress = 0.0
        /// Why it failed, as a full sentence; nil while it goes on.
        package fileprivate(set) var error: String?
    }

    /// How many loads there are, and have been.
    package struct Counts: Hashable, Sendable {
        /// Going on.
        package fileprivate(set) var loading = 0
        /// Failed, and not made good since.
        package fileprivate(set) var failed = 0
        /// Of this process, ended well or not.
        package fileprivate(set) var succeededInAll = 0
        package fileprivate(set) var failedInAll = 0
    }

    /// Failed uploads that are remembered, of one model and of all: nothing else removes them.
    package static let maximumFailedUploads = (ofModel: 16, inAll: 1_024)

    private struct State: Sendable {
        var loads: [String: [Load]] = [:]
        var counts = Counts()
        /// Failed uploads, the oldest first.
        var failedUploads: [(name: String, source: Source)] = []
    }

    private let state = Lock(State())

    package init() {}

    /// The loads of one model, in the order they began.
    package func loads(of name: String) -> [Load] { state.withLock { $0.loads[name] ?? [] } }

    package var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            for load in state.loads.values.joined() {
                if load.error == nil { counts.loading += 1 } else { counts.failed += 1 }
            }
            return counts
        }
    }

    // MARK: The life of a load

    /// A load begins, in the place of an earlier one from the same source.
    package func begin(_ source: Source, of name: String) {
        state.withLock { state in
            Self.remove(source, of: name, from: &state)
            state.loads[name, default: []].append(Load(source: source))
        }
    }

    package func advance(_ source: Source, of name: String, to progress: Double) {
        state.withLock { state in
            guard let index = state.loads[name]?.firstIndex(where: { $0.source == source }) else { return }
            state.loads[name]?[index].progress = progress
        }
    }

    /// It ends well: what it brought is registered.
    package func succeed(_ source: Source, of name: String) {
        state.withLock { state in
            Self.remove(source, of: name, from: &state)
            state.counts.succeededInAll += 1
        }
    }

    /// - Parameter error: a full sentence.
    package func fail(_ source: Source, of name: String, _ error: String) {
        state.withLock { state in
            let index = state.loads[name]?.firstIndex { $0.source == source }
            var load = index.flatMap { state.loads[name]?.remove(at: $0) } ?? Load(source: source)
            load.error = error
            state.loads[name, default: []].append(load)
            state.counts.failedInAll += 1
            if case .upload = source { Self.rememberUpload(source, of: name, in: &state) }
        }
    }

    /// Nobody needs to know of it any more.
    package func forget(_ source: Source, of name: String) {
        state.withLock { Self.remove(source, of: name, from: &$0) }
    }

    /// Forgets what has failed.
    func forgetFailures(of name: String, where isForgotten: (Source) -> Bool = { _ in true }) {
        state.withLock { state in
            for load in state.loads[name] ?? [] where load.error != nil && isForgotten(load.source) {
                Self.remove(load.source, of: name, from: &state)
            }
        }
    }

    /// What the data folder's damages were, before it is read again.
    func forgetStored() {
        let names = state.withLock { Array($0.loads.keys) }
        for name in names { forgetFailures(of: name) { if case .stored = $0 { true } else { false } } }
    }

    private static func remove(_ source: Source, of name: String, from state: inout State) {
        state.loads[name]?.removeAll { $0.source == source }
        if state.loads[name]?.isEmpty == true { state.loads[name] = nil }
        if case .upload = source { state.failedUploads.removeAll { $0.name == name && $0.source == source } }
    }

    private static func rememberUpload(_ source: Source, of name: String, in state: inout State) {
        state.failedUploads.append((name, source))
        let own = state.failedUploads.filter { $0.name == name }
        if own.count > maximumFailedUploads.ofModel { remove(own[0].source, of: name, from: &state) }
        if state.failedUploads.count > maximumFailedUploads.inAll {
            let oldest = state.failedUploads[0]
            remove(oldest.source, of: oldest.name, from: &state)
        }
    }
}
