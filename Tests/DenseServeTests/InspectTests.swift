import Testing

/// `dense-serve inspect`, as a process.
@Suite("dense-serve inspect")
struct InspectTests {
    @Test("a table shows each layer, and the totals")
    func table() throws {
        let result = try ChildProcess.run("inspect", "config/models/classifier.json")
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map { $0.split { $0 == " " }.joined(separator: " ") }
        #expect(lines.contains("hidden Dense 15 kernel (4, 3), bias (3,)"), "\(result.output)")
        #expect(lines.contains("classes Dense 12 kernel (3, 3), bias (3,)"), "\(result.output)")
        #expect(lines.contains("parameters 27"), "\(result.output)")
        #expect(!result.output.contains("\u{1B}"))
    }

    @Test("--json holds the same")
    func json() throws {
        let result = try ChildProcess.run("inspect", "--json", "config/models/classifier.json")
        #expect(
            result.output.contains(#""input_shape":[null,4],"output_shape":[null,3],"parameters":27"#),
            "\(result.output)")
        #expect(result.output.contains(#"{"name":"hidden","class_name":"Dense""#), "\(result.output)")
        #expect(result.output.contains(#""sha256":""#))
    }

    @Test("a file that is no model is refused", arguments: ["Package.swift", "config/server.json", "/nowhere"])
    func wrongFile(path: String) throws {
        let result = try ChildProcess.run("inspect", path)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: "), "\(result.errors)")
    }
}
