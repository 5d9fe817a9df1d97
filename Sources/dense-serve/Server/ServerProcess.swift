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
        case serving(Server, Service)
        case stopping
    }

    private let settings: ServerSettings
    private let format: LogFormat
    private let writer: LogWriter
    private let logger: Logger
    private let phase = Lock(Phase.starting)
    /// What is read again on SIGHUP.
    private let reloads: Reloads

    init(settings: ServerSettings) {
        let format = settings.format(descriptor: STDERR_FILENO)
        let level = settings.level
        let writer = LogWriter(descriptor: STDERR_FILENO) { count in
            var line = LogLine(format, level: .warning, message: "log lines were dropped")
            line.add("count", count)
            return line.finished()
        }
        self.settings = settings
        self.format = format
        self.writer = writer
        logger = Logger(label: "dense-serve") { _ in LineLogHandler(format: format, level: level, writer: writer) }
        reloads = Reloads(logger: logger)
    }

    /// Runs the server until a signal ends the process.
    func run() -> Never {
        Signals.block()
        DispatchQueue.global().async { self.start() }
        let signal = nextStopSignal()
        logger.info("stopping", metadata: ["signal": "\(signal)"])
        DispatchQueue.global().async { self.stop() }
        let second = nextStopSignal()
        logger.warning("stopped at once by a second signal", metadata: ["signal": "\(second)"])
        end(status: 1)
    }

    /// Waits for a signal that stops the server. Those that do not are obeyed meanwhile.
    private func nextStopSignal() -> String {
        while true {
            let signal = Signals.next()
            if signal != Signals.hangUp { return signal }
            reloads.run()
        }
    }

    // MARK: Starting

    private func start() {
        do {
            try Kernels.requireSupportedCPU()
            let registry = ModelRegistry(maximumBytes: settings.maxModelBytes)
            try loadModels(into: registry)
            let workers = WorkerQueue(
                width: settings.workerCount, maximumRequests: settings.maxQueueRequests,
                maximumBytes: settings.maxQueueBytes)
            let service = Service(configuration: settings.service, models: registry, workers: workers, logger: logger)
            let observer: any HTTPExchangeObserver =
                settings.accessLog ? AccessLog(format: format, writer: writer, next: service) : service
            let server = Server(
                configuration: settings.http, handler: ContentCodingHandler(service), observer: observer)
            service.setServerCounters { [weak server] in server?.counters }
            let addresses = try server.start()
            let isWanted = phase.withLock { phase in
                guard case .starting = phase else { return false }
                phase = .serving(server, service)
                return true
            }
            // Else a signal came while the models were loaded.
            guard isWanted else { return }
            service.setReady()
            announce(addresses, models: registry.usage.models)
        } catch {
            logger.critical("the server cannot start", metadata: ["reason": "\(error)"])
            end(status: 1)
        }
    }

    /// Loads the folder of models. The default folder may be missing; one that somebody named may not.
    private func loadModels(into registry: ModelRegistry) throws {
        let folder = settings.models
        guard !folder.isEmpty else { return }
        if folder == ServerSettings.defaultModels, !FileManager.default.fileExists(atPath: folder) { return }
        for model in try registry.loadFolder(folder) {
            logger.info(
                "model loaded",
                metadata: ["model": "\(model.name)", "sha256": "\(model.content.digest.hexadecimal)"])
        }
    }

    private func announce(_ addresses: [SocketAddress], models: Int) {
        for name in SettingsValues.unknownNames(in: ProcessInfo.processInfo.environment) {
            logger.warning("a variable that looks like a setting is none", metadata: ["variable": "\(name)"])
        }
        for address in addresses {
            logger.info(
                "listening",
                metadata: [
                    "address": "\(address.url)", "version": "\(DenseServe.version)",
                    "models": .stringConvertible(models), "loops": .stringConvertible(settings.http.loops),
                    "workers": .stringConvertible(settings.workerCount),
                    "instruction_set": "\(Kernels.instructionSet)",
                ])
        }
        let lines = addresses.map { "listening on \($0.url)\n" }.joined()
        StandardStream.write(Array(lines.utf8), to: STDOUT_FILENO)
    }

    // MARK: Stopping

    /// Turns unready, gives load balancers time to notice, then lets the requests in flight finish.
    private func stop() {
        let previous = phase.withLock { phase in
            defer { phase = .stopping }
            return phase
        }
        if case .serving(let server, let service) = previous {
            service.beginDraining()
            Self.sleep(milliseconds: settings.drainDelay)
            server.stop(drainTimeout: settings.drainTimeout)
            server.wait()
        }
        logger.info("stopped")
        end(status: 0)
    }

    private static func sleep(milliseconds: Int) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }

    private func end(status: Int32) -> Never {
        writer.flush()
        // Not exit(): other threads still run, and what it would tear down is theirs.
        _exit(status)
    }
}
