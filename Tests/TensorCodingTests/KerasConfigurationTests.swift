package import DenseEngine
import FoundationEssentials
import TensorCoding
import Testing

/// Layers and models as Keras serialised them (`Tests/Golden/configs.py`), read and written back.
@Suite struct KerasConfigurationTests {
    private static let golden: ConfigObject = {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/configs.json")
        guard let data = try? Data(contentsOf: url), case .object(let object)? = try? ConfigValue(json: Array(data))
        else { return [:] }
        return object
    }()

    private static func list(_ name: String) -> [ConfigValue] {
        guard case .array(let values)? = golden[name] else { return [] }
        return values
    }

    @Test("there is golden data")
    func exists() {
        #expect(Self.list("layers").count > 90)
        #expect(Self.list("models").count == 3)
    }

    @Test("a layer that Keras serialised is written back as it was", arguments: list("layers"))
    func layer(value: ConfigValue) throws {
        let specification = try LayerSpecification(value)
        #expect(specification.serialized.comparable == value.comparable)
    }

    @Test("the bare config of a Dense is read like the serialized layer", arguments: list("layers"))
    func bareConfig(value: ConfigValue) throws {
        guard case .object(let object) = value, object["class_name"] == "Dense", let config = object["config"] else {
            return
        }
        #expect(try LayerConfiguration(config) == LayerConfiguration(value))
    }

    @Test("a model reads alike in every form Keras gives it", arguments: list("models"))
    func model(value: ConfigValue) throws {
        guard case .object(let forms) = value, let serialized = forms["serialized"], let config = forms["config"],
            let json = forms["json"], case .object(let inner) = config, case .array(let layers)? = inner["layers"]
        else {
            Issue.record("a model's golden data is not what the test expects")
            return
        }
        let specifications = try LayerSpecification.list(serialized)
        #expect(specifications.map(\.serialized.comparable) == layers.map(\.comparable))
        #expect(try LayerSpecification.list(config) == specifications)
        #expect(try LayerSpecification.list(json) == specifications)
        #expect(try LayerConfiguration.list(.array(layers)) == specifications.map(\.configuration))
    }
}

extension ConfigValue {
    /// With whole numbers as floats: Keras writes `2` or `2.0` as it was given, the engine the latter.
    fileprivate var comparable: ConfigValue {
        switch self {
        case .int(let value): .double(Double(value))
        case .array(let values): .array(values.map(\.comparable))
        case .object(let object):
            .object(
                ConfigObject(
                    object.members.map { ConfigObject.Member(name: $0.name, value: $0.value.comparable) }))
        case .null, .bool, .double, .string: self
        }
    }
}

extension ConfigValue: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
}
