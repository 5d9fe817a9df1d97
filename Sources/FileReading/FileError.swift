internal import Glibc

/// A call to the system about a file that failed.
package struct FileError: Error, Hashable, Sendable {
    /// The system's name for it.
    package let call: String
    package let path: String
    package let code: Int32

    /// Right after the call.
    init(_ call: String, _ path: String) {
        self.call = call
        self.path = path
        code = errno
    }

    /// The system's words for it, a sentence.
    package var reason: String { "\(unsafe String(cString: strerror(code)))." }
}

extension FileError: CustomStringConvertible {
    package var description: String { "\(call) of \(path) failed: \(reason)" }
}
