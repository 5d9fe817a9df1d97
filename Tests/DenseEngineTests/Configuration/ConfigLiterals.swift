package import DenseEngine

/// Configurations as literals, so that tests read like the JSON they stand for.
extension ConfigValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: ConfigValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, ConfigValue)...) {
        self = .object(ConfigObject(elements.map { ConfigObject.Member(name: $0.0, value: $0.1) }))
    }
}

/// The error `body` throws; `nil` when it throws none.
func engineError(_ body: () throws(EngineError) -> Void) -> EngineError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

extension EngineError {
    /// The path of a configuration error, joined with slashes; `nil` for the others.
    var path: String? {
        switch self {
        case .unknownConfigKey(let path, _, _, _), .missingConfigKey(let path, _), .invalidConfigValue(let path, _),
            .unknownIdentifier(let path, _, _, _), .unsupported(let path, _):
            path.joined(separator: "/")
        default: nil
        }
    }
}
