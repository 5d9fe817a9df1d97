import FileReading
import Glibc

/// A file that could not be read or written, and the system's word for why.
package struct InputFileError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    init(path: String, errno: Int32) {
        self.path = path
        self.reason = unsafe "\(String(cString: strerror(errno)))."
    }

    package var description: String { "The file \(path) cannot be used. \(reason)" }
}

/// Whole files, where `-` is standard input or standard output.
package enum InputFile {
    /// - Throws: `InputFileError`.
    package static func read(_ path: String) throws(InputFileError) -> [UInt8] {
        do throws(FileError) {
            return path == "-" ? try WholeFile.read(STDIN_FILENO, path) : try WholeFile.read(path)
        } catch { throw InputFileError(path: path, errno: error.code) }
    }

    /// - Throws: `InputFileError`.
    package static func write(_ bytes: [UInt8], to path: String) throws(InputFileError) {
        let descriptor =
            path == "-" ? STDOUT_FILENO : unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw InputFileError(path: path, errno: errno) }
        defer { if path != "-" { close(descriptor) } }
        guard StandardStream.write(bytes, to: descriptor) else { throw InputFileError(path: path, errno: errno) }
    }
}
