import Testing
import dense_serve

/// The command line as a whole.
@Suite("dense-serve")
struct DenseServeTests {
    @Test("--help names the commands, --version the version")
    func help() throws {
        let help = try ChildProcess.run("--help")
        #expect(help.status == 0)
        for command in ["serve", "predict", "inspect", "health"] {
            #expect(help.output.contains("  \(command) "), "\(help.output)")
        }
        #expect(!help.output.contains("\u{1B}"))
        #expect(try ChildProcess.run("--version").output.split(separator: ".").count == 3)
    }

    @Test("serve --help shows every setting with its default")
    func settings() throws {
        let help = try ChildProcess.run("serve", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains(SettingsHelp.terminal), "\(help.output)")
    }

    @Test("misuse ends with 64 and the usage", arguments: [["nothing"], ["serve", "extra"], ["health", "--port"]])
    func misuse(arguments: [String]) throws {
        let result = try ChildProcess(arguments).wait()
        #expect(result.status == 64)
        #expect(result.errors.contains("Usage: "), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test("colour marks titles, flags and errors")
    func colour() {
        let text = "OVERVIEW: What it does: this.\n\nOPTIONS:\n  --port <n>  The port.\n  text: more"
        #expect(
            Terminal.highlighted(text)
                == "\u{1B}[1mOVERVIEW:\u{1B}[0m What it does: this.\n\n\u{1B}[1mOPTIONS:\u{1B}[0m\n"
                + "  \u{1B}[36m--port <n>\u{1B}[0m  The port.\n  text: more")
        #expect(Terminal.highlighted("Error: x") == "\u{1B}[31mError:\u{1B}[0m x")
    }
}
