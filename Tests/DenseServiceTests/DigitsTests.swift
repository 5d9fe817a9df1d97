import DenseEngine
import DenseService
import FoundationEssentials
import TensorCoding
import Testing

/// A classifier trained by Keras on real images, end to end: `Tests/Golden/digits.py` wrote the files.
@Suite("Handwritten digits")
struct DigitsTests {
    private static func file(_ name: String) throws -> [UInt8] {
        let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: golden.appending(path: "Golden/digits/\(name)")))
    }

    @Test("all held-out images get Keras's classes, and its probabilities")
    func classifies() throws {
        let server = try TestServer()
        let client = try server.client()
        let registered = try client.request("PUT", "/models/digits", body: Self.file("register.json"))
        #expect(registered.status == 201, "\(registered.text)")

        let response = try client.request("POST", "/dense", body: Self.file("request.json"))
        #expect(response.status == 200, "\(response.text.prefix(500))")
        guard case .object(let expected) = try ConfigValue(json: Self.file("expected.json")) else {
            Issue.record("The expected answers are no object.")
            return
        }
        let classes = DenseEndpointTests.numbers(expected["classes"])
        let probabilities = DenseEndpointTests.numbers(expected["probabilities"])
        let output = DenseEndpointTests.numbers(try response.json["output"])
        #expect(try response.json["shape"] == .array([.int(360), .int(10)]))
        try #require(output.count == 3600 && probabilities.count == 3600 && classes.count == 360)

        let far = output.indices.filter { index in
            let (received, wanted) = (output[index], probabilities[index])
            return !(abs(received - wanted) <= 1e-6 + 1e-5 * abs(wanted))
        }
        #expect(far.isEmpty, "\(far.count) probabilities are too far from Keras's, the first at \(far.first ?? 0)")
        for image in 0..<360 {
            let row = output[image * 10..<(image + 1) * 10]
            let best = row.indices.max { row[$0] < row[$1] }.map { $0 - image * 10 }
            #expect(best == Int(classes[image]), "image \(image)")
        }
    }
}
