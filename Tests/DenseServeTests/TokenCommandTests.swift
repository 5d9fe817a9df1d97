import AccessControl
import FoundationEssentials
import Glibc
import Testing

@Suite("dense-serve token")
struct TokenCommandTests {
    @Test("it prints the token and the line that lists it")
    func prints() throws {
        let result = try ChildProcess.run("token", "--role", "infer,register", "--name", "ci")
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        let list = try AccessListParser.parse(Array(lines[1].utf8))
        #expect(list.client(TokenDigest(of: lines[0]))?.name == "ci")
        #expect(!result.errors.contains(lines[0]))
    }

    @Test("it adds to a file, behind what is there, in a file that only its owner can read")
    func adds() throws {
        let path = TemporaryFile.freePath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try ChildProcess.run("token", "--role", "admin", "--file", path)
        var status = stat()
        #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        // A last line without its end stays a line of its own, and the mode stays what somebody made it.
        try Data(try Data(contentsOf: URL(filePath: path)).dropLast()).write(to: URL(filePath: path))
        unsafe chmod(path, 0o640)
        let second = try ChildProcess.run("token", "--role", "infer", "--name", "b", "--file", path)
        let list = try AccessListParser.parse(Array(try Data(contentsOf: URL(filePath: path))))
        for (result, roles) in [(first, AccessRoles.admin), (second, .infer)] {
            #expect(result.status == 0, "\(result.errors)")
            let token = result.firstLine
            #expect(list.client(TokenDigest(of: token))?.roles == roles)
        }
        #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
    }

    @Test("made at the same time, all of them are listed, and a link stays a link")
    func concurrently() throws {
        let file = try TemporaryFile("")
        let link = TemporaryFile.freePath()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path)
        defer { try? FileManager.default.removeItem(atPath: link) }
        let processes = try (0..<8).map { _ in try ChildProcess(["token", "--role", "infer", "--file", link]) }
        for process in processes { #expect(try process.wait().status == 0) }
        #expect(try AccessListParser.parse(file.contents).entries.count == 8)
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == file.path)
    }

    @Test("a file that is no list is left alone")
    func keepsOthers() throws {
        let file = try TemporaryFile("root:x:0:0\n")
        let result = try ChildProcess.run("token", "--role", "infer", "--file", file.path)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.contains("Line 1"), "\(result.errors)")
        #expect(String(decoding: file.contents, as: UTF8.self) == "root:x:0:0\n")
    }

    @Test(
        "roles and names that cannot be are refused",
        arguments: [
            ["--role", "root"], ["--role", ""], ["--role", "infer", "--name", "a b"],
            ["--role", "infer", "--name", ""],
            ["--role", "infer", "--name", "dsk_abc"], ["--name", "a"],
        ])
    func refuses(arguments: [String]) throws {
        let result = try ChildProcess(["token"] + arguments).wait()
        #expect(result.status == 64 && result.output.isEmpty, "\(result)")
    }
}

extension ChildProcess.Result {
    /// The first line of the output, without its end.
    var firstLine: String { String(output.prefix { $0 != "\n" }) }
}
