internal import DenseEngine
internal import Dispatch
internal import Glibc
internal import Locks

/// Keeps the models of a folder those of its files: new and changed ones become versions, and what a missing one brought is
/// removed, beside all requests and without one of them failing.
///
/// The kernel tells when to look (inotify), and each look compares the whole folder with the one before, so that nothing
/// depends on which events come: those of files that are replaced by links, as Kubernetes does, of a queue that has run over,
/// or of a file system that has none. Looking again now and then finds the rest.
package final class FolderWatcher: Sendable {
    /// What happened, for the log.
    package enum Event: Sendable {
        case loaded(Model, path: String)
        /// `reason` is a full sentence.
        case failed(name: String, path: String, reason: String)
        case withdrawn(name: String, version: Int, path: String)
        /// The folder itself cannot be read; what it brought stays.
        case unreadable(reason: String)
    }

    /// How often the folder is looked at without an event, in milliseconds.
    private static let interval = 5_000
    /// How long to wait while another process takes over.
    private static let suspension = 500
    /// How long events are collected before the folder is looked at.
    private static let collecting = 20

    private let path: String
    private let registry: ModelRegistry
    private let report: @Sendable (Event) -> Void
    /// Owned by the queue, or before that by whoever loads for the first time.
    private let state = Lock(State())
    private let queue = DispatchQueue(label: "dense.models", qos: .utility)
    private let ended = DispatchGroup()
    private let wakeUp: (reading: Int32, writing: Int32)

    private struct State: Sendable {
        var watch = FolderWatch()
        /// Files that somebody writes to.
        var written: Set<String> = []
        var isUnreadable = false
        /// What has been told of files that could not be loaded; nobody needs to read it twice.
        var told: [ModelCandidate.Key: String] = [:]
        var isOver = false
    }

    /// - Parameter report: is called on the watcher's own thread.
    package init(_ path: String, _ registry: ModelRegistry, report: @escaping @Sendable (Event) -> Void) {
        self.path = path
        self.registry = registry
        self.report = report
        var ends: [Int32] = [-1, -1]
        if unsafe pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        wakeUp = (ends[0], ends[1])
    }

    deinit {
        close(wakeUp.reading)
        close(wakeUp.writing)
    }

    /// Loads what is there, at once.
    package func loadAll() { look(isHurried: true) }

    /// Looks after the folder from now on.
    package func start() {
        queue.async(group: ended) { [self] in run() }
    }

    /// Ends that, and waits for a load that is going on.
    package func stop() {
        state.withLock { $0.isOver = true }
        _ = unsafe write(wakeUp.writing, "", 1)
        ended.wait()
    }

    private func run() {
        let inotify = Inotify()
        while !state.withLock({ $0.isOver }) {
            inotify?.watch(folders)
            // After the watches, so that nothing falls between.
            look()
            let wait = min(Self.interval, nextTime.map { max($0 - Self.now, 1) } ?? Self.interval)
            if let inotify {
                inotify.wait(or: wakeUp.reading, milliseconds: wait)
                usleep(UInt32(Self.collecting * 1000))
                note(inotify.events())
            } else {
                var descriptor = pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0)
                unsafe poll(&descriptor, 1, Int32(min(wait, 1_000)))
            }
        }
    }

    private var nextTime: Int? { state.withLock { $0.watch.nextTime(written: $0.written) } }

    private static var now: Int { Instant.now.nanoseconds / 1_000_000 }

    private var folders: Set<String> { Set(ModelFolder.folders(in: path)) }

    /// Learns which files are being written. When events were lost none is known to be.
    private func note(_ events: [Inotify.Event]?) {
        state.withLock { state in
            guard let events else { return state.written = [] }
            for event in events where !event.name.isEmpty {
                let path = "\(event.folder)/\(event.name)"
                if event.isWriting {
                    state.written.insert(path)
                } else if event.isWhole {
                    state.written.remove(path)
                }
            }
        }
    }

    // MARK: Looking

    private func look(isHurried: Bool = false) {
        let candidates: [ModelCandidate]
        do throws(ModelStoreError) {
            candidates = try ModelFolder.candidates(in: path)
            state.withLock { $0.isUnreadable = false }
        } catch {
            let isNews = state.withLock { state in
                defer { state.isUnreadable = true }
                return !state.isUnreadable
            }
            if isNews { report(.unreadable(reason: error.description)) }
            return
        }
        let actions = state.withLock { state in
            let now = Self.now
            state.watch.observe(candidates, now: now)
            return state.watch.actions(written: state.written, now: now, isHurried: isHurried)
        }
        for action in actions {
            switch action {
            case .load(let candidate, let former): load(candidate, replacing: former)
            case .withdraw(let candidate, let version): withdraw(candidate, version)
            }
        }
    }

    private func withdraw(_ candidate: ModelCandidate, _ version: Int) {
        registry.loads.forget(.file(candidate.path), of: candidate.key.name)
        do throws(ModelStoreError) {
            if try registry.withdraw(candidate.key.name, version: version) {
                report(.withdrawn(name: candidate.key.name, version: version, path: candidate.path))
            }
        } catch { report(.failed(name: candidate.key.name, path: candidate.path, reason: error.description)) }
    }

    private func load(_ candidate: ModelCandidate, replacing former: Int?) {
        let (name, source) = (candidate.key.name, ModelLoads.Source.file(candidate.path))
        registry.loads.begin(source, of: name)
        do throws(ModelStoreError) {
            let document = try ModelDocument(candidate) { registry.loads.advance(source, of: name, to: 0.4 * $0) }
            guard ModelFolder.identities(of: candidate.paths) == candidate.files else {
                registry.loads.forget(source, of: name)
                return state.withLock { $0.watch.postpone(candidate, until: Self.now) }
            }
            try registry.requireValid(name: name)
            registry.loads.advance(source, of: name, to: 0.5)
            let content = ModelContent(try document.build())
            registry.loads.advance(source, of: name, to: 0.9)
            let outcome = try registry.registerFile(
                name, content, batching: document.batching, version: candidate.key.version, replacing: former)
            registry.loads.succeed(source, of: name)
            state.withLock { $0.told[candidate.key] = nil }
            let version = outcome.model.flatMap { $0.isFromFolder ? $0.version : nil }
            state.withLock { $0.watch.loaded(candidate, version: version) }
            if case .registered(let model) = outcome { report(.loaded(model, path: candidate.path)) }
        } catch { fail(candidate, error) }
    }

    private func fail(_ candidate: ModelCandidate, _ error: ModelStoreError) {
        let (key, reason) = (candidate.key, error.description)
        registry.loads.fail(.file(candidate.path), of: key.name, reason)
        let isNews = state.withLock { state in
            switch error {
            // Nothing that the file could change.
            case .changesSuspended: state.watch.postpone(candidate, until: Self.now + Self.suspension)
            case .storage, .unreadableFile, .full: state.watch.postpone(candidate, until: Self.now + Self.interval)
            default: break
            }
            return state.told.updateValue(reason, forKey: key) != reason
        }
        if isNews { report(.failed(name: key.name, path: candidate.path, reason: reason)) }
    }
}
