import FoundationEssentials
import Testing
import dense_serve

@Suite("ServerSettings")
struct ServerSettingsTests {
    @Test("every default is a value the setting takes", arguments: ServerSettings.all.map(\.name))
    func defaults(name: String) throws {
        let setting = try #require(ServerSettings.setting(named: name))
        #expect(setting.content(text: setting.text(in: ServerSettings())) != nil)
    }

    @Test("names are unique and lead to the other two spellings")
    func names() throws {
        #expect(Set(ServerSettings.all.map(\.name)).count == ServerSettings.all.count)
        let setting = try #require(ServerSettings.setting(named: "max_body_bytes"))
        #expect(setting.environmentName == "DENSE_MAX_BODY_BYTES")
        #expect(setting.flag == "--max-body-bytes")
    }

    @Test("config/server.json holds every setting at its default")
    func defaultFile() throws {
        let file = try Data(contentsOf: URL(filePath: Repository.path("config/server.json")))
        #expect(String(decoding: file, as: UTF8.self) == SettingsHelp.defaultFile)
    }

    @Test("the help and the README's table name every setting", arguments: ServerSettings.all.map(\.name))
    func help(name: String) throws {
        let setting = try #require(ServerSettings.setting(named: name))
        #expect(SettingsHelp.terminal.contains("  \(setting.flag) <"))
        #expect(SettingsHelp.markdown.contains("| `\(name)` | "))
    }
}
