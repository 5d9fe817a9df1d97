internal import FoundationEssentials
internal import Glibc

/// A server that this process starts and ends.
final class ServerProgram {
    private let name: String
    /// Its process, and whether it still runs.
    let process: pid_t
    private var isRunning = true

    /// Starts a program, found on `PATH` when its name has no slash, with nothing on its standard input and output.
    init(_ arguments: [String]) throws(LoadError) {
        let name = arguments.first ?? ""
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY)] {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
        }
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        var process: pid_t = 0
        let code = unsafe Self.withCStrings(arguments) { arguments in
            unsafe Self.withCStrings(environment) { environment in
                unsafe posix_spawnp(&process, name, &actions, nil, arguments, environment)
            }
        }
        guard code == 0 else { throw .notStarted(program: name, reason: systemReason(code)) }
        self.name = name
        self.process = process
    }

    deinit { end() }

    /// - Throws: `LoadError.notStarted` when it has ended by itself.
    func checkRunning() throws(LoadError) {
        var status: Int32 = 0
        guard isRunning, unsafe waitpid(process, &status, WNOHANG) == process else { return }
        isRunning = false
        throw .notStarted(program: name, reason: "it ended before it answered; run it by itself to see why")
    }

    /// Asks it to end, and makes it after five seconds.
    func end() {
        guard isRunning else { return }
        isRunning = false
        var status: Int32 = 0
        Glibc.kill(process, SIGTERM)
        for _ in 0..<5000 {
            if unsafe waitpid(process, &status, WNOHANG) != 0 { return }
            usleep(1000)
        }
        Glibc.kill(process, SIGKILL)
        unsafe waitpid(process, &status, 0)
    }

    /// Ends it at once, without its having a say.
    func kill() {
        guard isRunning else { return }
        isRunning = false
        var status: Int32 = 0
        Glibc.kill(process, SIGKILL)
        unsafe waitpid(process, &status, 0)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe body(pointers)
    }
}
