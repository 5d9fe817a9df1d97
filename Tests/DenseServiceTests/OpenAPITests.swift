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
        #expect(
            listed
                == Set(
                    Operation.allCases.flatMap { operation in
                        operation.paths.map { "\(operation.method.rawValue) \($0.rawValue)" }
                    }))
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
        for (kind, components) in members(document["components"]) where kind != "securitySchemes" {
            for (name, _) in members(components) {
                #expect(references.contains("#/components/\(kind)/\(name)"), "\(kind)/\(name) is not used")
            }
        }
    }

    @Test("it says of every operation which roles let somebody do it, and with what to show them")
    func security() throws {
        var schemes: Set<String> = []
        var needed: [String: Set<String>] = [:]
        for (path, item) in members(document["paths"]) {
            for (method, operation) in members(item) where method != "parameters" {
                let name = "\(method.uppercased()) \(path)"
                needed[name] = []
                for case .object(let requirement) in elements(members(operation).first { $0.0 == "security" }?.1) {
                    for member in requirement.members {
                        schemes.insert(member.name)
                        for case .string(let role) in elements(member.value) { needed[name]?.insert(role) }
                    }
                }
                let statuses = members(members(operation).first { $0.0 == "responses" }?.1).map(\.0)
                #expect(statuses.contains("401") == (needed[name] != []), "\(name)")
            }
        }
        guard case .object(let components)? = document["components"] else { return }
        #expect(schemes == Set(members(components["securitySchemes"]).map(\.0)))
        #expect(needed["POST /dense"] == ["infer", "admin"])
        #expect(needed["GET /models"] == ["infer", "register", "admin"])
        #expect(needed["DELETE /models/{name}"] == ["register", "admin"])
        #expect(needed["GET /metrics"] == ["metrics", "admin"])
        #expect(needed["GET /health/ready"] == [])
    }

    private func elements(_ value: ConfigValue?) -> [ConfigValue] {
        guard case .array(let elements)? = value else { return [] }
        return elements
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
