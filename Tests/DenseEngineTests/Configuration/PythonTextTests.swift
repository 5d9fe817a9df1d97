import DenseEngine
import Testing

@Suite struct PythonTextTests {
    @Test(
        "values print as Python prints them",
        arguments: [
            (nil, "None", "None"), (true, "True", "True"), (-3, "-3", "-3"), (2.5, "2.5", "2.5"),
            (64.0, "64.0", "64.0"),
            (1e-7, "1e-07", "1e-07"), (1e16, "1e+16", "1e+16"), (.double(.infinity), "inf", "inf"),
            (.double(.nan), "nan", "nan"), ("64", "'64'", "64"), ("it's", "\"it's\"", "it's"),
            ("a\n'\"", "'a\\n\\'\"'", "a\n'\""), ([1, "a", nil], "[1, 'a', None]", "[1, 'a', None]"),
            (["a": [:], "b": 1.5], "{'a': {}, 'b': 1.5}", "{'a': {}, 'b': 1.5}"),
        ] as [(ConfigValue, String, String)])
    func forms(value: ConfigValue, representation: String, text: String) {
        #expect(value.pythonRepresentation == representation)
        #expect(value.pythonText == text)
    }

    @Test("long values are cut")
    func cut() {
        #expect(ConfigValue.string(String(repeating: "x", count: 1000)).pythonText.count == 203)
        #expect(ConfigValue.array(Array(repeating: 1, count: 100_000)).pythonRepresentation.count < 210)
    }
}
