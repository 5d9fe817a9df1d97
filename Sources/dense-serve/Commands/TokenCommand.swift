import AccessControl
import ArgumentParser
import Glibc

/// `dense-serve token`: makes a token and the line that lists it.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes a token for a client of the server.",
        discussion: """
            The token is printed once and kept nowhere. The line for tokens_file has its SHA-256 hash only; without --file it \
            is printed behind the token. A running server reads the file again on SIGHUP.

              dense-serve token --role infer --name shop --file tokens
              kill -HUP $(pidof dense-serve)
            """)

    @Option(
        help: ArgumentHelp(
            "What its owner may do: \(AccessRole.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "role[,role]"))
    var role: String

    @Option(help: "What logs call its owner.")
    var name: String?

    @Option(help: ArgumentHelp("File to add the line to; made if there is none.", valueName: "file"))
    var file: String?

    func validate() throws {
        guard AccessRoles(list: role) != nil else {
            throw ValidationError(
                "The role cannot be used. Expected some of "
                    + "\(AccessRole.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas, received '\(role)'."
            )
        }
        if let name, !AccessListParser.isName(name) {
            throw ValidationError(
                "The name cannot be used. Expected 1 to 64 printable ASCII characters without spaces, received '\(name)'."
            )
        }
    }

    func run() throws {
        let token = AccessToken()
        let line = token.line(role: role, name: name)
        guard let file else {
            print(token.secret)
            print(line)
            return explain("The first line is the token: it cannot be shown again. The second is for tokens_file.")
        }
        try SecretFile.update(file, atMost: AccessListParser.maximumBytes) { bytes throws(AccessSourceError) in
            let isOpenLine = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
            let changed = bytes + (isOpenLine ? [UInt8(ascii: "\n")] : []) + Array("\(line)\n".utf8)
            // A file that the server could not read is not made longer.
            do throws(AccessListError) { _ = try AccessListParser.parse(changed) } catch {
                throw .invalid(source: file, error)
            }
            return changed
        }
        print(token.secret)
        explain("This is the token: it cannot be shown again. \(file) has its hash; SIGHUP tells a running server.")
    }

    /// Says something to people, where it is in no program's way.
    private func explain(_ text: String) { StandardStream.write(Array("\(text)\n".utf8), to: STDERR_FILENO) }
}
