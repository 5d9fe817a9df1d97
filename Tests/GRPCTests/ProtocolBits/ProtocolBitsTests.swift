import DenseEngine
import Testing

@Suite("One model behind all protocols")
struct ProtocolBitsTests {
    @Test(
        "the same tensor gives the same bits by every protocol and form",
        arguments: (ProtocolForm.rest + ProtocolForm.grpc).map(\.name))
    func bits(name: String) throws {
        let form = try #require((ProtocolForm.rest + ProtocolForm.grpc).first { $0.name == name })
        let caller = try ProtocolCaller()
        let expected = try caller.expected()
        #expect(expected.count == ProtocolCaller.rows * 5)
        #expect(Set(expected).count == expected.count)
        #expect(try form.answer(caller) == expected)
    }

    @Test("no form has the name of another")
    func names() {
        let names = (ProtocolForm.rest + ProtocolForm.grpc).map(\.name)
        #expect(Set(names).count == names.count)
    }
}

/// One way to send a tensor, and to get one back.
struct ProtocolForm: Sendable {
    let name: String
    /// Sends the caller's input. Returns the bits of the answer's elements.
    let answer: @Sendable (ProtocolCaller) throws -> [UInt32]

    init(_ name: String, _ answer: @escaping @Sendable (ProtocolCaller) throws -> [UInt32]) {
        self.name = name
        self.answer = answer
    }
}
