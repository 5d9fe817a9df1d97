import DenseEngine
import Testing

@Suite struct ConfigValueTests {
    @Test("an object keeps the order of its members and one value for each name", arguments: [3, 16, 17, 1000])
    func members(count: Int) {
        var object = ConfigObject()
        for index in 0..<count { object["m\(index)"] = .int(index) }
        object["m1"] = "changed"
        #expect(object.members.map(\.name) == (0..<count).map { "m\($0)" })
        #expect(object["m1"] == "changed" && object["m\(count - 1)"] != nil && object["x"] == nil)
        object["m0"] = nil
        #expect(object["m0"] == nil && object["m2"] == 2 && object.members.count == count - 1)
        object["m0"] = 0
        #expect(object.members.last?.name == "m0" && object["m0"] == 0)
        #expect(object == ConfigObject(object.members))
    }

    @Test("of members with one name the last value counts")
    func repeated() {
        let member = ConfigObject.Member(name: "a", value: 1)
        #expect(ConfigObject([member, ConfigObject.Member(name: "a", value: 2)]) == ["a": 2])
    }
}
