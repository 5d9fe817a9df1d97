/// A number, or nested lists of numbers of one size, as some layer arguments allow: row-major, rank 0 for a bare number.
package struct ConfigArray: Hashable, Sendable {
    package let shape: Shape
    package let elements: [Double]

    /// A bare number.
    package init(_ number: Double) {
        self.shape = .scalar
        self.elements = [number]
    }

    /// - Throws: `EngineError.elementCountMismatch` when `elements` does not hold exactly what `shape` needs.
    package init(shape: Shape, elements: [Double]) throws(EngineError) {
        guard elements.count == shape.count else {
            throw .elementCountMismatch(shape: shape, received: elements.count)
        }
        self.shape = shape
        self.elements = elements
    }
}

extension ConfigArray {
    /// - Parameter value: a number, nested lists of numbers, or Keras's wrapping of an array: `{"class_name":
    ///   "__numpy__", "config": {"value": [...], "dtype": "float32"}}`, likewise `__tensor__`.
    /// - Throws: `EngineError.invalidConfigValue` for anything else, and for lists of unequal lengths.
    init(_ value: ConfigValue, _ name: String) throws(EngineError) {
        if case .object(let object) = value {
            guard case .string(let className)? = object["class_name"], ["__numpy__", "__tensor__"].contains(className),
                case .object(let config)? = object["config"], let inner = config["value"]
            else { throw value.notA("a number or an array", name) }
            self = try within("config") { () throws(EngineError) in
                try within("value") { () throws(EngineError) in try ConfigArray(inner, name) }
            }
            return
        }
        var dimensions: [Int] = []
        var level = value
        while case .array(let values) = level {
            dimensions.append(values.count)
            guard let first = values.first else { break }
            level = first
        }
        var elements: [Double] = []
        try Self.collect(value, dimensions[...], name, into: &elements)
        try self.init(shape: Shape(dimensions), elements: elements)
    }

    /// Nested lists, or a bare number.
    var configValue: ConfigValue {
        var values = elements.map(ConfigValue.double)
        guard shape.rank > 0 else { return values[0] }
        for size in shape.dimensions.dropFirst().reversed() where size > 0 {
            values = stride(from: 0, to: values.count, by: size).map { .array(Array(values[$0..<$0 + size])) }
        }
        return .array(values)
    }

    private static func collect(
        _ value: ConfigValue, _ dimensions: ArraySlice<Int>, _ name: String, into elements: inout [Double]
    ) throws(EngineError) {
        guard let count = dimensions.first else { return elements.append(try value.number(name)) }
        guard case .array(let values) = value, values.count == count else {
            throw .invalidConfigValue(
                path: [],
                message: "The lists of `\(name)` must be of equal lengths. Expected \(count) elements, received "
                    + "\(value.pythonRepresentation).")
        }
        for (index, value) in values.enumerated() {
            try within("\(index)") { () throws(EngineError) in
                try collect(value, dimensions.dropFirst(), name, into: &elements)
            }
        }
    }
}
