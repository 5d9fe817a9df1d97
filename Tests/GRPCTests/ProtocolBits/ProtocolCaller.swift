import DenseEngine
import DenseService
import FoundationEssentials
import GRPCWire
import HTTPServer
import ModelStore
import TensorCoding
import Testing

/// A service with a model, and what is sent to it in every form.
final class ProtocolCaller {
    /// Two layers whose sums are not exact, so that another order of additions would show.
    private static let model: String = {
        func matrix(_ rows: Int, _ columns: Int) -> String {
            "["
                + (0..<rows).map { row in
                    "[" + (0..<columns).map { "\(Double((row * 31 + $0 * 17) % 23) / 7 - 1.5)" }.joined(separator: ",")
                        + "]"
                }.joined(separator: ",") + "]"
        }
        func bias(_ count: Int) -> String { "[" + (0..<count).map { "\(Double($0) / 3)" }.joined(separator: ",") + "]" }
        return
            #"{"layers":[{"layer":{"units":40,"activation":"tanh"},"weights":{"kernel":\#(matrix(300, 40)),"bias":\#(bias(40))}},"#
            + #"{"layer":{"units":5,"name":"out","activation":"softmax"},"weights":{"kernel":\#(matrix(40, 5)),"bias":\#(bias(5))}}]}"#
    }()

    static let rows = 3
    static let columns = 300
    /// Numbers that the narrowest of the types hold exactly.
    static let input = (0..<rows * columns).map { Float(($0 * 7 + $0 / columns) % 29) / 8 - 1.75 }
    static let octets = unsafe input.withUnsafeBytes { unsafe Array($0) }
    static let base64 = Data(octets).base64EncodedString()
    static let shape = "[\(rows),\(columns)]"
    static let flat = text(input)
    static let nested = "[" + rowTexts.joined(separator: ",") + "]"
    static let rowTexts = (0..<rows).map { text(input[$0 * columns..<($0 + 1) * columns]) }

    private static func text(_ numbers: some Collection<Float>) -> String {
        "[" + numbers.map { "\($0)" }.joined(separator: ",") + "]"
    }

    let peer = GRPCPeer()

    init() throws { try peer.register("m", Self.model) }

    /// The bits of what the engine itself makes of the input.
    func expected() throws -> [UInt32] {
        let model = try peer.models.lookup("m")
        return try model.network(
            Tensor([Self.rows, Self.columns], Self.input), returnLogits: false, returnLosses: false
        )
        .output.elements.map(\.bitPattern)
    }

    /// A request by REST, over HTTP/1.1 and HTTP/2, whose answers have to be the same.
    ///
    /// - Returns: HTTP/2's.
    func rest(
        _ path: String, _ body: [UInt8], type: String = "application/json", _ fields: [(String, String)] = []
    ) throws -> H2Answer {
        let stream = peer.begin(path, fields, type: type)
        peer.data(stream, body, end: true)
        let answer = peer.reply(stream).answer
        #expect(answer.status == 200, "\(path): \(answer.text.prefix(300))")
        #expect(try plain(path, body, type: type, fields) == answer.body)
        return answer
    }

    /// The body of an answer over HTTP/1.1.
    private func plain(
        _ path: String, _ body: [UInt8], type: String, _ fields: [(String, String)]
    ) throws -> [UInt8] {
        let conversation = peer.plainConversation()
        var head = "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        var received = conversation.receive(Array((head + "Connection: close\r\n\r\n").utf8) + body)
        _ = peer.wait {
            received += conversation.sendLateAnswers()
            return conversation.isFinished
        }
        #expect(received.starts(with: "HTTP/1.1 200 ".utf8))
        let end = try #require(received.firstRange(of: Array("\r\n\r\n".utf8)))
        return Array(received[end.upperBound...])
    }

    /// Bits of little-endian floats.
    static func bits(octets: some Collection<UInt8>) -> [UInt32] {
        let bytes = Array(octets)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
    }

    /// The bits of the numbers under a member of an answer in JSON, those of lists one after the other.
    static func bits(json: [UInt8], _ path: [String]) throws -> [UInt32] {
        var value = try ConfigValue(json: json)
        for name in path {
            switch value {
            case .object(let object): value = object[name] ?? .null
            case .array(let elements): value = elements.first ?? .null
            default: value = .null
            }
        }
        return numbers(value).map(\.bitPattern)
    }

    private static func numbers(_ value: ConfigValue) -> [Float] {
        switch value {
        case .array(let elements): elements.flatMap(numbers)
        case .double(let number): [Float(number)]
        case .int(let number): [Float(number)]
        default: []
        }
    }
}
