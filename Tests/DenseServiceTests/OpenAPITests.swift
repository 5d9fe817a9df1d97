import DenseEngine
import DenseService
import HTTPServer
import TensorCoding
import Testing

@Suite("GET /openapi.json")
struct OpenAPITests {
    private let document: ConfigObject

    init() throws {
        let response = try TestServer().request("GET", "/openapi.json")
        #expect(response["Content-Type"] == "application/json")
        document = try response.json
    }

    @Test("it lists exactly the operations the router has")
    func operations() throws {
        var listed: Set<String> = []
        for (path, item) in members(document["paths"]) {
            for (method, _) in members(item) where method != "parameters" {
                listed.insert("\(method.uppercased()) \(path)")
            }
        }
        #expect(listed == Set(Operation.allCases.map { "\($0.method.rawValue) \($0.path.rawValue)" }))
    }

    @Test("every reference leads somewhere, and every component is used")
    func references() {
        var references: Set<String> = []
        collect(.object(document), into: &references)
        for reference in references {
            var value: ConfigValue? = .object(document)
            for name in reference.dropFirst(2).split(separator: "/") {
                guard case .object(let object)? = value else { break }
                value = object[String(name)]
            }
            #expect(value != nil, "\(reference) leads nowhere")
        }
        for (kind, components) in members(document["components"]) {
            for (name, _) in members(components) {
                #expect(references.contains("#/components/\(kind)/\(name)"), "\(kind)/\(name) is not used")
            }
        }
    }

    private func collect(_ value: ConfigValue, into references: inout Set<String>) {
        switch value {
        case .object(let object):
            if case .string(let reference)? = object["$ref"] { references.insert(reference) }
            for member in object.members { collect(member.value, into: &references) }
        case .array(let elements): for element in elements { collect(element, into: &references) }
        default: break
        }
    }

    private func members(_ value: ConfigValue?) -> [(String, ConfigValue)] {
        guard case .object(let object)? = value else { return [] }
        return object.members.map { ($0.name, $0.value) }
    }
}
