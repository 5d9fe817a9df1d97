import FoundationEssentials
import Glibc
import HTTPServer

/// A new process of this program, which takes over the listening sockets while this one still serves.
///
/// The sockets themselves pass on, not only their addresses, so whatever waits to be accepted at any moment is accepted by
/// one of the two. (With SO_REUSEPORT each process has its own queue, and what waits in one is reset when it closes.)
final class Successor: Sendable {
    /// The program as it was started: what an update has put in its place since has the same path.
    private static let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")

    /// Has to be called before the program's file may be replaced.
    static func prepare() { _ = executable }

    /// Its number.
    let process: pid_t
    /// Where a byte comes when it serves; the end comes without one when it does not start.
    private let pipe: Int32

    /// Starts it, with this process's arguments and environment.
    init(sockets: [InheritedSocket]) throws(SuccessorError) {
        guard let executable = Self.executable else { throw .failed(call: "readlink", errno: ENOENT) }
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw .failed(call: "pipe", errno: errno) }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(SuccessorError) {
            process = try Self.spawn(executable, passing: sockets, pipe: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        pipe = ends[0]
    }

    deinit { close(pipe) }

    /// Waits until it serves. False when it has ended instead.
    func waitUntilReady() -> Bool {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(pipe, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count == 1 { return true }
            var status: Int32 = 0
            unsafe waitpid(process, &status, 0)
            return false
        }
    }

    /// Asks it to stop.
    func stop() { kill(process, SIGTERM) }

    private static func spawn(
        _ executable: String, passing sockets: [InheritedSocket], pipe: Int32
    ) throws(SuccessorError) -> pid_t {
        let first = Inheritance.firstDescriptor
        let numbers = sockets.map(\.number) + [pipe]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // Copies beyond all that is put in place, so that none is overwritten before it was put in its own.
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for (number, place) in zip(numbers, first...) {
            let copy = fcntl(number, F_DUPFD_CLOEXEC, first + Int32(numbers.count))
            guard copy >= 0 else { throw .failed(call: "fcntl", errno: errno) }
            copies.append(copy)
            unsafe posix_spawn_file_actions_adddup2(&actions, copy, place)
        }
        // This may be a thread of Dispatch's, which blocks almost all signals.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe Signals.withSignals { _ = unsafe posix_spawnattr_setsigmask(&attributes, $0) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var variables = ProcessInfo.processInfo.environment
        variables["LISTEN_FDS"] = "\(sockets.count)"
        variables["LISTEN_FDNAMES"] = sockets.map(\.name).joined(separator: ":")
        variables[Inheritance.pipeVariable] = "\(first + Int32(sockets.count))"
        variables[Inheritance.ownVariable] = sockets.contains(where: \.isOwn) ? "1" : "0"
        var process: pid_t = 0
        let code = unsafe withCStrings(CommandLine.arguments) { arguments in
            unsafe withCStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
                unsafe posix_spawn(&process, executable, &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw .failed(call: "posix_spawn", errno: code) }
        return process
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

/// Why no other process could be started.
enum SuccessorError: Error, Hashable, Sendable, CustomStringConvertible {
    case failed(call: String, errno: Int32)

    var description: String {
        switch self {
        case .failed(let call, let errno):
            "The program could not be started anew. Expected \(call) to succeed, received: "
                + "\(unsafe String(cString: strerror(errno)))."
        }
    }
}
