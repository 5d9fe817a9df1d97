import HTTPServer
import Testing
import dense_serve

@Suite("Inheritance")
struct InheritanceTests {
    private static func read(_ environment: [String: String]) throws(InheritanceError) -> Inheritance {
        try Inheritance(environment: environment, process: 42)
    }

    @Test("sockets follow each other from descriptor 3, with their names")
    func sockets() throws {
        let inheritance = try Self.read(["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:https"])
        #expect(
            inheritance.sockets == [
                InheritedSocket(number: 3, name: "http"), InheritedSocket(number: 4, name: "https"),
            ])
        #expect(inheritance.pipe == nil)
        #expect(try Self.read(["LISTEN_PID": "42", "LISTEN_FDS": "1"]).sockets == [InheritedSocket(number: 3)])
    }

    @Test(
        "what is meant for nobody or another process is nothing",
        arguments: [
            [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "41", "LISTEN_FDS": "x"], ["LISTEN_PID": "42", "LISTEN_FDS": "0"],
        ])
    func nothing(_ environment: [String: String]) throws {
        #expect(try Self.read(environment) == Inheritance())
    }

    @Test("a predecessor's need no process number, and may own their files")
    func predecessor() throws {
        let inheritance = try Self.read(["LISTEN_FDS": "1", "HANDOVER_PIPE": "4", "HANDOVER_OWN": "1"])
        #expect(inheritance.sockets == [InheritedSocket(number: 3, isOwn: true)])
        #expect(inheritance.pipe == 4)
    }

    @Test(
        "what cannot be is refused with its name",
        arguments: [
            (["LISTEN_FDS": "two"], "LISTEN_FDS"), (["LISTEN_FDS": "-1"], "LISTEN_FDS"), ([:], "LISTEN_FDS"),
            (["LISTEN_FDS": "2", "LISTEN_FDNAMES": "http"], "LISTEN_FDNAMES"),
            (["LISTEN_FDS": "1", "HANDOVER_PIPE": "1"], "HANDOVER_PIPE"),
        ])
    func refused(_ environment: [String: String], _ name: String) throws {
        let variables = environment.merging(["LISTEN_PID": "42"]) { first, _ in first }
        let error = #expect(throws: InheritanceError.self) { try Self.read(variables) }
        #expect(error?.description.hasPrefix("The variable \(name), which passes on listening sockets") == true)
    }
}
