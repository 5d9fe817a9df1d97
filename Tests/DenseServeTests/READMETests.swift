import FoundationEssentials
import Testing
import dense_serve

/// What the README shows is what the program does.
@Suite("README.md")
struct READMETests {
    private static func readme() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    }

    /// The `curl` calls with a body on the README's consoles, and the line each prints.
    private static func calls() throws -> [(path: String, body: String, answer: String)] {
        try readme().components(separatedBy: "```console\n").dropFirst().flatMap { block in
            block.prefix(upTo: block.firstRange(of: "\n```")?.lowerBound ?? block.endIndex)
                .components(separatedBy: "$ curl -s http://127.0.0.1:8080").dropFirst()
                .filter { $0.contains(" -d '") }
                .map { call in
                    let (path, rest) = (
                        call.components(separatedBy: " -d '")[0], call.components(separatedBy: " -d '")[1]
                    )
                    let parts = rest.components(separatedBy: "'\n")
                    let answer = parts.dropFirst().joined()
                    return (path, parts[0], answer.hasSuffix("\n") ? String(answer.dropLast()) : answer)
                }
        }
    }

    @Test("the answers it shows are those the server gives")
    func answers() throws {
        let server = try ChildProcess(["serve", "--port", "0"])
        let address = try server.address()
        let calls = try Self.calls()
        #expect(calls.count == 5)
        for call in calls {
            let response = try RawClient.exchange(address, "POST", call.path, body: call.body)
            #expect(response.hasSuffix("\r\n\r\n" + call.answer), "\(response)")
        }
    }

    @Test("its table of settings is the program's list")
    func settings() throws {
        #expect(try Self.readme().contains(SettingsHelp.markdown))
    }
}
