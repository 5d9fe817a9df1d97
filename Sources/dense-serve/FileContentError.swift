/// What is wrong with the contents of a file, with the file's name: a command may read several.
struct FileContentError: Error, CustomStringConvertible {
    let name: String
    let reason: String

    var description: String { "\(name): \(reason)" }

    /// Runs `body`, with its errors said to be about a file.
    ///
    /// - Parameter name: as it was given; `-` is standard input.
    static func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as InputFileError {
            throw error
        } catch {
            throw FileContentError(name: name == "-" ? "standard input" : name, reason: "\(error)")
        }
    }
}
