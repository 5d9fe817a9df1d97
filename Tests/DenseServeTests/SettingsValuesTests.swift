import DenseEngine
import Testing
import dense_serve

@Suite("SettingsValues")
struct SettingsValuesTests {
    private static func settings(
        file: ConfigObject = [:], environment: [String: String] = [:], arguments: [String] = []
    ) throws -> ServerSettings {
        try ServerSettings(sources: [
            SettingsValues(file: file, path: "server.json"), SettingsValues(environment: environment),
            SettingsValues(arguments: arguments),
        ])
    }

    @Test("without a source every setting has its default")
    func defaults() throws {
        #expect(try Self.settings() == ServerSettings())
    }

    @Test("the environment wins over the file, a flag over both")
    func precedence() throws {
        let file: ConfigObject = ["port": .int(1), "loops": .int(1), "workers": .int(1)]
        let environment = ["DENSE_PORT": "2", "DENSE_LOOPS": "2", "HOME": "/root"]
        let settings = try Self.settings(file: file, environment: environment, arguments: ["--port", "3"])
        #expect(settings.port == 3)
        #expect(settings.loops == 2)
        #expect(settings.workers == 1)
    }

    @Test("flags are --name VALUE or --name=VALUE, and the last one counts")
    func flags() throws {
        let arguments = ["--host=::1", "--max-body-bytes", "10", "--access-log=false", "--port=1", "--port", "2"]
        let settings = try Self.settings(arguments: arguments)
        #expect(settings.host == "::1")
        #expect(settings.maxBodyBytes == 10)
        #expect(!settings.accessLog)
        #expect(settings.port == 2)
    }

    @Test("a value may be empty or hold an equals sign")
    func oddValues() throws {
        let settings = try Self.settings(arguments: ["--models=", "--unix-socket=/run/a=b"])
        #expect(settings.models == "")
        #expect(settings.unixSocket == "/run/a=b")
    }

    @Test("every setting can be set from every source", arguments: ServerSettings.all.map(\.name))
    func everySetting(name: String) throws {
        let setting = try #require(ServerSettings.setting(named: name))
        let (text, json): (String, ConfigValue) =
            switch setting.kind {
            case .text: ("other", .string("other"))
            case .choice(_, let choices): (choices[1], .string(choices[1]))
            case .integer(_, let range): ("\(range.upperBound)", .int(range.upperBound))
            case .flag(let path):
                ServerSettings()[keyPath: path] ? ("false", .bool(false)) : ("true", .bool(true))
            }
        let results = [
            try Self.settings(file: [name: json]), try Self.settings(environment: [setting.environmentName: text]),
            try Self.settings(arguments: [setting.flag, text]),
        ]
        for result in results {
            #expect(result != ServerSettings())
            #expect(result == results[0])
        }
    }

    @Test(
        "a setting outside its range is refused with its place, the range and what came",
        arguments: [
            (["--port", "65536"], "--port on the command line", "an integer from 0 to 65535, received '65536'"),
            (["--port", "-1"], "--port on the command line", "received '-1'"),
            (["--port", "80x"], "--port on the command line", "received '80x'"),
            (["--max-body-bytes", "99999999999999999999"], "--max-body-bytes", "from 1 to 1099511627776"),
            (["--access-log", "yes"], "--access-log", "true or false, received 'yes'"),
            (["--log-format=xml"], "--log-format", "one of 'auto', 'text', 'json', received 'xml'"),
            (["--prot", "1"], "Unknown setting --prot on the command line", "--port"),
            (["--port"], "--port has no value", "received the end"),
            (["8080"], "'8080' is not a flag", "--name VALUE"),
        ])
    func wrongFlags(arguments: [String], place: String, facts: String) {
        let error = #expect(throws: SettingsError.self) { try Self.settings(arguments: arguments) }
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(facts) == true, "\(error?.description ?? "")")
        #expect(error?.isUsageError == true)
    }

    @Test("a wrong value in the environment is refused, even where a flag overrides it")
    func wrongEnvironment() {
        let error = #expect(throws: SettingsError.self) {
            try Self.settings(environment: ["DENSE_PORT": "tcp://10.0.0.1:80"], arguments: ["--port", "1"])
        }
        #expect(
            error?.description == "The value of DENSE_PORT in the environment cannot be used. Expected an integer from "
                + "0 to 65535, received 'tcp://10.0.0.1:80'.")
        #expect(error?.isUsageError == false)
    }

    @Test(
        "a wrong member of the file is refused",
        arguments: [
            (["prot": .int(1)], "Unknown setting 'prot' in server.json."),
            (["port": .string("8080")], "Expected an integer from 0 to 65535, received \"8080\"."),
            (["port": .double(80.5)], "received 80.5."),
            (["port": .null], "received null."),
            (["max_connections": .int(0)], "The value of 'max_connections' in server.json"),
            (["access_log": .int(1)], "Expected true or false, received 1."),
            (["host": .array([])], "Expected text, received an array."),
        ] as [(ConfigObject, String)])
    func wrongFile(members: ConfigObject, message: String) {
        let error = #expect(throws: SettingsError.self) { try Self.settings(file: members) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("listening nowhere is refused")
    func nowhere() throws {
        #expect(throws: SettingsError.nowhereToListen) { try Self.settings(arguments: ["--host="]) }
        _ = try Self.settings(arguments: ["--host=", "--unix-socket=/run/dense.sock"])
    }

    @Test("variables that look like settings and are none are named")
    func unknownVariables() {
        let environment = ["DENSE_PORT": "1", "DENSE_PROT": "1", "DENSE_A": "", "PORT": "1"]
        #expect(SettingsValues.unknownNames(in: environment) == ["DENSE_A", "DENSE_PROT"])
    }
}
