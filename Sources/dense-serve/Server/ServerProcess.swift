import DenseEngine
import DenseService
import Dispatch
import FoundationEssentials
import Glibc
import HTTPServer
import Locks
import Logging
import ModelStore

/// The server as a process: put together as the settings say, started, and stopped by a signal.
///
/// The main thread waits for signals and everything else happens on other threads, so that a signal is obeyed at any
/// time.
final class ServerProcess: Sendable {
    private enum Phase: Sendable {
        case starting
        case serving(Server, Service, ModelRegistry)
        case stopping
    }

    private let settings: ServerSettings
    private let inheritance: Inheritance
    private let format: LogFormat
    private let writer: LogWriter
    private let logger: Logger
    private let logging: LogControl
    private let phase = Lock(Phase.starting)
    /// What is read again on SIGHUP.
    private let reloads: Reloads
    /// A process that is about to take over.
    private let successor = Lock<Successor?>(nil)

    init(settings: ServerSettings, inheritance: Inheritance) {
        let format = settings.format(descriptor: STDERR_FILENO)
        let logging = LogControl(settings.level)
        let writer = LogWriter(descriptor: STDERR_FILENO) { count in
            var line = LogLine(format, level: .warning, message: "log lines were dropped")
            line.add(name: "count", count)
            return line.finished()
        }
        self.settings = settings
        self.inheritance = inheritance
        self.format = format
        self.writer = writer
        self.logging = logging
        logger = Logger(label: "dense-serve") { _ in LineLogHandler(format: format, level: logging, writer: writer) }
        reloads = Reloads(logger: logger)
    }

    /// Runs the server until a signal ends the process.
    func run() -> Never {
        Signals.block()
        Successor.prepare()
        // Queues of their own, which have a thread at once even while all others compute.
        DispatchQueue(label: "start").async { self.start() }
        while true {
            switch Signals.next() {
            case .stop(let signal):
                let previous = beginStopping()
                if case .stopping = previous {
                    logger.warning("stopped at once by a second signal", metadata: ["signal": "\(signal)"])
                    end(status: 1)
                }
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                DispatchQueue(label: "stop").async { self.stop(previous) }
            case .reload: reloads.run()
            case .handOver: DispatchQueue(label: "hand over").async { self.handOver() }
            }
        }
    }

    /// Returns what the server was at until now.
    private func beginStopping() -> Phase {
        phase.withLock { phase in
            defer { phase = .stopping }
            return phase
        }
    }

    // MARK: Starting

    private func start() {
        do {
            try Kernels.requireSupportedCPU()
            let available = MemoryLimit.available()
            let settings = settings.bounded(byMemory: available, logger)
            Allocator.keepMemory(available: available)
            let access = try AccessSetup(settings, reloads: reloads, logger: logger)
            let models = ModelSetup(settings, logger)
            // A predecessor leaves the folder as soon as this process runs.
            let (registry, watcher) = try models.load(patience: inheritance.pipe == nil ? 0 : Self.lockPatience)
            ComputeThreads.shared.maximum = settings.workerCount
            let workers = WorkerQueue(
                width: settings.workerCount, maximumRequests: settings.maxQueueRequests,
                maximumBytes: settings.maxQueueBytes)
            var serving = settings.service
            serving.logging = logging
            let service = Service(configuration: serving, models: registry, workers: workers, logger: logger)
            let observer: any HTTPExchangeObserver =
                settings.accessLog ? AccessLog(format: format, writer: writer, next: service) : service
            let tls = try settings.tls.map(TLSContexts.init)
            var configuration = settings.http
            configuration.tls = tls
            configuration.inherited = inheritance.sockets
            let server = Server(
                configuration: boundedByDescriptors(configuration), handler: access.handler(before: service),
                observer: observer)
            service.setServerCounters { [weak server] in server?.counters }
            // Before the start: a request that waited at an inherited socket is answered at once.
            service.setReady()
            let addresses = try server.start()
            let isWanted = phase.withLock { phase in
                guard case .starting = phase else { return false }
                phase = .serving(server, service, registry)
                return true
            }
            // Else a signal came while the models were loaded.
            guard isWanted else { return }
            if let tls { CertificateReload.begin(tls, reloads, logger) }
            SpareMemory.look(after: service)
            let urls = server.urls
            watcher?.start()
            announce(urls, models: registry.usage.models)
            access.warn(of: addresses, urls: urls)
            ServiceManager.notify("READY=1\nMAINPID=\(getpid())")
            inheritance.announceReady()
        } catch {
            logger.critical("the server cannot start", metadata: ["reason": "\(error)"])
            end(status: 1)
        }
    }

    /// No more connections than the process may have descriptors for.
    private func boundedByDescriptors(_ wanted: ServerConfiguration) -> ServerConfiguration {
        var configuration = wanted
        let descriptors = DescriptorLimit.raise()
        configuration.maxConnections = min(wanted.maxConnections, DescriptorLimit.connections(descriptors))
        if configuration.maxConnections < wanted.maxConnections {
            logger.warning(
                "fewer connections than max_connections are possible; raise the limit of open files (ulimit -Hn)",
                metadata: [
                    "max_connections": .stringConvertible(wanted.maxConnections),
                    "possible": .stringConvertible(configuration.maxConnections),
                    "open_files": .stringConvertible(descriptors),
                ])
        }
        return configuration
    }

    private func announce(_ urls: [String], models: Int) {
        for name in SettingsValues.unknownNames(in: ProcessInfo.processInfo.environment) {
            logger.warning("a variable that looks like a setting is none", metadata: ["variable": "\(name)"])
        }
        for url in urls {
            logger.info(
                "listening",
                metadata: [
                    "address": "\(url)", "version": "\(DenseServe.version)",
                    "models": .stringConvertible(models), "loops": .stringConvertible(settings.http.loops),
                    "workers": .stringConvertible(settings.workerCount),
                    "instruction_set": "\(Kernels.instructionSet)",
                ])
        }
        let lines = urls.map { "listening on \($0)\n" }.joined()
        StandardStream.write(Array(lines.utf8), to: STDOUT_FILENO)
    }

    // MARK: Stopping

    /// Turns unready, gives load balancers time to notice, then lets the requests in flight finish.
    private func stop(_ previous: Phase) {
        ServiceManager.notify("STOPPING=1")
        // One that was about to take over is not wanted any more.
        successor.withLock { $0?.stop() }
        if case .serving(let server, let service, _) = previous {
            service.beginDraining()
            Self.sleep(milliseconds: settings.drainDelay)
            drain(server)
        }
        logger.info("stopped")
        end(status: 0)
    }

    /// Lets the requests in flight finish, as long as they may take.
    private func drain(_ server: Server, successor: Bool = false) {
        server.stop(drainTimeout: settings.drainTimeout, successor: successor)
        // A loop whose handler does not return is not waited for.
        guard !server.wait(milliseconds: settings.drainTimeout + Self.patience) else { return }
        logger.warning(
            "a request did not let go of its event loop", metadata: ["drain_timeout_ms": "\(settings.drainTimeout)"])
    }

    /// How long the loops may take to end when their time is over, in milliseconds.
    private static let patience = 500
    /// How long another process of the same server may take to leave the data folder, in milliseconds.
    private static let lockPatience = 60_000

    // MARK: Handing over

    /// Starts the program anew, and stops when it serves. Until then, and if it does not start, nothing changes.
    private func handOver() {
        guard case .serving(let server, _, let registry) = phase.withLock({ $0 }) else {
            return logger.warning("cannot hand over before the server serves or while it stops")
        }
        let next: Successor
        do {
            guard let started = try startSuccessor(of: server) else {
                return logger.warning("the server is handing over already")
            }
            next = started
        } catch {
            return logger.error("cannot hand over", metadata: ["reason": "\(error)"])
        }
        logger.info("handing over", metadata: ["process": .stringConvertible(Int(next.process))])
        // What the new process reads from the data folder has to be the last word.
        registry.suspendChanges()
        guard next.waitUntilReady() else {
            successor.withLock { $0 = nil }
            resumeChanges(of: registry)
            return logger.error(
                "the new process did not start, and this one goes on",
                metadata: ["process": .stringConvertible(Int(next.process))])
        }
        // Else a signal came meanwhile and stops both.
        guard case .serving = beginStopping() else { return }
        successor.withLock { $0 = nil }
        ServiceManager.notify("MAINPID=\(next.process)")
        logger.info("handed over", metadata: ["process": .stringConvertible(Int(next.process))])
        // It is the service that is ready, and it still is: no balancer needs to notice anything.
        drain(server, successor: true)
        logger.info("stopped")
        end(status: 0)
    }

    private func resumeChanges(of registry: ModelRegistry) {
        do {
            let damages = try registry.resumeChanges(patience: Self.lockPatience)
            ModelSetup(settings, logger).tell(of: damages)
        } catch {
            logger.error("models cannot be changed any more", metadata: ["reason": "\(error)"])
        }
    }

    /// Nil while there is one already.
    private func startSuccessor(of server: Server) throws -> Successor? {
        try successor.withLock { successor in
            guard successor == nil else { return nil }
            successor = try server.withListeningSockets { try Successor(sockets: $0) }
            return successor
        }
    }

    private static func sleep(milliseconds: Int) {
        // By the monotonic clock, which nobody sets. What a signal leaves is slept for, too.
        var rest = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        var left = timespec()
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &left) == EINTR { rest = left }
    }

    private func end(status: Int32) -> Never {
        writer.flush()
        // Not exit(): other threads still run, and what it would tear down is theirs.
        _exit(status)
    }
}
