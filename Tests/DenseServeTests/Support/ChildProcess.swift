import FoundationEssentials
import Glibc
import Locks
import Testing

/// The built `dense-serve`, run as a process of its own in the repository's folder.
final class ChildProcess {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    let identifier: pid_t
    private let output: FileReader
    private let errors: FileReader
    private var status: Int32?

    /// - Parameters:
    ///   - input: what it finds on its standard input.
    ///   - sockets: descriptors it gets as 3 and so on, with its own number in `LISTEN_PID`; nil leaves that out.
    ///   - program: another of the built programs.
    ///   - limits: what its shell sets first, as in `ulimit -n 64`.
    init(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
        passing sockets: [Int32]? = nil,
        limits: String = "", program name: String = "dense-serve"
    ) throws {
        try #require(Self.isInRepository)
        let output = try Pipe()
        let errors = try Pipe()
        let standardInput = try TemporaryFile(input)
        let descriptor = unsafe open(standardInput.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writeEnd, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, STDERR_FILENO)

        // Copies beyond their places, so that none is overwritten.
        let copies = (sockets ?? []).map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
        defer { for copy in copies { close(copy) } }
        for (copy, place) in zip(copies, Int32(3)...) {
            unsafe posix_spawn_file_actions_adddup2(&actions, copy, place)
        }
        var command = [Self.executable(name)] + arguments
        if sockets != nil || !limits.isEmpty {
            // A shell knows its number, which stays that of what it becomes.
            let script = (sockets == nil ? "" : "export LISTEN_PID=$$; ") + (limits.isEmpty ? "" : limits + "; ")
            command = ["/bin/sh", "-c", script + #"exec "$0" "$@""#] + command
        }
        let program = command[0]
        let variables =
            Self.patience.merging(environment) { _, wanted in wanted }.map { "\($0.key)=\($0.value)" }
            + Self.inheritedEnvironment
        var identifier: pid_t = 0
        let status = unsafe Self.withCStrings(command) { arguments in
            unsafe Self.withCStrings(variables) { variables in
                Pipe.startingNoProcess.withLock { _ in
                    unsafe posix_spawn(&identifier, program, &actions, nil, arguments, variables)
                }
            }
        }
        try #require(status == 0, "cannot start \(command[0])")
        self.identifier = identifier
        self.output = FileReader(output)
        self.errors = FileReader(errors)
    }

    deinit {
        guard status == nil else { return }
        kill(identifier, SIGKILL)
        _ = waitForExit()
    }

    /// Runs it to its end.
    static func run(
        _ arguments: String..., environment: [String: String] = [:], input: [UInt8] = []
    ) throws -> Result {
        try ChildProcess(arguments, environment: environment, input: input).wait()
    }

    /// Waits for the line `listening on ADDRESS` and gives the address.
    func address() throws -> String {
        let line = try listeningLine()
        let found = try #require(line, "it ended first: \(errors.rest())")
        return String(found.dropFirst(Self.listening.count))
    }

    /// Waits for its end, or that line, whichever comes first: whether it never listened.
    func endsBeforeListening() throws -> Bool { try listeningLine() == nil }

    private static let listening = "listening on "

    private func listeningLine() throws -> String? { try output.firstLine { $0.hasPrefix(Self.listening) } }

    func send(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for a log line that contains a text.
    @discardableResult
    func waitForLog(_ text: String) throws -> String {
        try #require(try errors.firstLine { $0.contains(text) }, "no log line has '\(text)'")
    }

    /// Waits for its end, whoever else writes to its streams by then. Returns the status.
    func waitForExit() -> Int32 {
        if let status { return status }
        var code: Int32 = 0
        while unsafe waitpid(identifier, &code, 0) < 0 && errno == EINTR {}
        let signal = code & 0x7F
        let status = signal == 0 ? (code >> 8) & 0xFF : 128 + signal
        self.status = status
        return status
    }

    /// Waits for its end. A status of 128 and more is a signal's number and 128.
    func wait() throws -> Result {
        let (output, errors) = (output.rest(), errors.rest())
        return Result(status: waitForExit(), output: output, errors: errors)
    }

    /// The child's folder is the tests' own: Glibc's overlay has no `posix_spawn` that changes it.
    private static let isInRepository = FileManager.default.changeCurrentDirectoryPath(Repository.path(""))

    /// Beside the tests' own binary.
    static func executable(_ name: String) -> String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: name).path
    }

    /// A server gives clients all the time that a slow and busy machine may need; only a test of a time sets one.
    private static let patience = Dictionary(
        uniqueKeysWithValues: ["HEAD", "BODY", "SEND", "IDLE", "REQUEST", "DRAIN"].map {
            ("DENSE_\($0)_TIMEOUT_MS", "120000")
        })

    /// Without settings, so that a developer's own do not reach the tests; with the sanitizers' options.
    private static var inheritedEnvironment: [String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("DENSE_") && $0.key != "NO_COLOR" }
            .map { "\($0.key)=\($0.value)" }
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe body(pointers)
    }
}

/// Reads a pipe's end whose other end a child process holds.
private final class FileReader {
    private let pipe: Pipe
    private var buffer: [UInt8] = []
    private var hasEnded = false

    init(_ pipe: Pipe) {
        self.pipe = pipe
        pipe.closeWriteEnd()
    }

    /// The first of the next lines that fits, `nil` when the pipe ends before one does.
    func firstLine(where fits: (String) -> Bool) throws -> String? {
        while true {
            while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                if fits(line) { return line }
            }
            guard receive() else { return nil }
        }
    }

    /// All that comes until the pipe ends.
    func rest() -> String {
        while receive() {}
        return String(decoding: buffer, as: UTF8.self)
    }

    private func receive() -> Bool {
        guard !hasEnded, let bytes = pipe.waitAndRead() else {
            hasEnded = true
            return false
        }
        buffer += bytes
        return true
    }
}
