import FoundationEssentials
import Glibc
package import HTTPServer

/// What another process has left to this one: listening sockets, by the protocol of systemd (sd_listen_fds(3)), and from a
/// predecessor of the same program the end of a pipe, to tell it when to stop.
package struct Inheritance: Hashable, Sendable {
    /// The sockets' descriptors follow each other from here on.
    package static let firstDescriptor: Int32 = 3
    /// Names what only a predecessor leaves: the pipe, and whether nobody else keeps the sockets open.
    package static let pipeVariable = "HANDOVER_PIPE"
    package static let ownVariable = "HANDOVER_OWN"
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", pipeVariable, ownVariable]

    package var sockets: [InheritedSocket] = []
    /// Where a predecessor waits for a byte; nil without one.
    package var pipe: Int32?

    /// Nothing.
    package init() {}

    /// Reads the variables. Those that are meant for another process leave nothing.
    ///
    /// - Parameter process: this process's number.
    package init(environment: [String: String], process: Int32) throws(InheritanceError) {
        if let text = environment[Self.pipeVariable] {
            guard let number = Int32(text), number >= Self.firstDescriptor else {
                throw .invalidVariable(name: Self.pipeVariable, expected: "a descriptor", received: text)
            }
            pipe = number
        } else {
            // A predecessor starts this process without knowing its number beforehand.
            guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process else { return }
        }
        let text = environment["LISTEN_FDS"] ?? ""
        guard let count = Int32(text), (0...1024).contains(count) else {
            throw .invalidVariable(name: "LISTEN_FDS", expected: "a number of sockets up to 1024", received: text)
        }
        var names = [String](repeating: "", count: Int(count))
        if let text = environment["LISTEN_FDNAMES"], count > 0 {
            names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard names.count == count else {
                throw .invalidVariable(name: "LISTEN_FDNAMES", expected: "\(count) names with colons", received: text)
            }
        }
        let areOwn = environment[Self.ownVariable] == "1"
        sockets = zip(Self.firstDescriptor..., names).map {
            InheritedSocket(number: $0, name: $1, isOwn: areOwn)
        }
    }

    /// Reads this process's variables and removes them, so that no other process takes them for its own.
    package static func take() throws(InheritanceError) -> Inheritance {
        let environment = ProcessInfo.processInfo.environment
        for name in variables { unsafe unsetenv(name) }
        let inheritance = try Inheritance(environment: environment, process: getpid())
        if let pipe = inheritance.pipe { _ = fcntl(pipe, F_SETFD, FD_CLOEXEC) }
        return inheritance
    }

    /// Tells the predecessor that this process serves.
    package func announceReady() {
        guard let pipe else { return }
        StandardStream.write([1], to: pipe)
        close(pipe)
    }
}

/// Why an inheritance cannot be taken. The server does not start.
package enum InheritanceError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidVariable(name: String, expected: String, received: String)

    package var description: String {
        switch self {
        case .invalidVariable(let name, let expected, let received):
            "The variable \(name), which passes on listening sockets, cannot be used. Expected \(expected), received "
                + "'\(received)'."
        }
    }
}
