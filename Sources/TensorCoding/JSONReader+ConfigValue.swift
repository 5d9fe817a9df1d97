package import DenseEngine

extension JSONReader {
    /// How many values a configuration may hold in all, and how many members one of its objects may have. A layer's
    /// configuration has a few dozen of both; what is large belongs into tensors.
    package static let maximumConfigValues = 100_000
    package static let maximumConfigMembers = 1_024

    /// Any value, within `maximumDepth`, `maximumConfigValues` and `maximumConfigMembers`. A number written without
    /// fraction and exponent that fits an `Int` is an `.int`, any other a `.double`.
    package mutating func readConfigValue() throws(CodingError) -> ConfigValue {
        var budget = Self.maximumConfigValues
        return try configValue(depth: 0, budget: &budget)
    }

    private mutating func configValue(depth: Int, budget: inout Int) throws(CodingError) -> ConfigValue {
        guard budget > 0 else { throw .tooManyValues(limit: Self.maximumConfigValues, at: location) }
        budget -= 1
        let kind = try nextKind()
        if kind == .array || kind == .object {
            guard depth < Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth, at: location) }
        }
        switch kind {
        case .object:
            var members: [ConfigObject.Member] = []
            try beginObject()
            while let name = try nextField() {
                guard members.count < Self.maximumConfigMembers else {
                    throw .tooManyValues(limit: Self.maximumConfigMembers, at: location)
                }
                members.append(.init(name: name, value: try configValue(depth: depth + 1, budget: &budget)))
            }
            return .object(ConfigObject(members))
        case .array:
            var elements: [ConfigValue] = []
            try beginArray()
            while try nextElement() {
                elements.append(try configValue(depth: depth + 1, budget: &budget))
            }
            return .array(elements)
        case .string: return .string(try readString())
        case .bool: return .bool(try readBool())
        case .null:
            _ = try readNull()
            return .null
        case .number:
            if let integer = integer() { return .int(integer) }
            return .double(try double())
        }
    }

    /// Checks a value, within `maximumDepth`, and drops it.
    package mutating func skipValue() throws(CodingError) {
        try skipValue(depth: 0)
    }

    private mutating func skipValue(depth: Int) throws(CodingError) {
        let kind = try nextKind()
        if kind == .array || kind == .object {
            guard depth < Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth, at: location) }
        }
        switch kind {
        case .object:
            try beginObject()
            while try nextField() != nil { try skipValue(depth: depth + 1) }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue(depth: depth + 1) }
        case .string: _ = try readString()
        case .bool: _ = try readBool()
        case .null: _ = try readNull()
        case .number: _ = try double()
        }
    }
}

extension ConfigValue {
    /// Reads a whole JSON document.
    package init(json: [UInt8], allowsNonFinite: Bool = false) throws(CodingError) {
        var result: Result<ConfigValue, CodingError> = .success(.null)
        unsafe json.withUnsafeBytes { bytes in
            do throws(CodingError) {
                var reader = unsafe try JSONReader(bytes: bytes, allowsNonFinite: allowsNonFinite)
                let value = try reader.readConfigValue()
                try reader.finish()
                result = .success(value)
            } catch {
                result = .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads a whole JSON document.
    package init(json: String, allowsNonFinite: Bool = false) throws(CodingError) {
        try self.init(json: Array(json.utf8), allowsNonFinite: allowsNonFinite)
    }

    /// The value as JSON text, without white space.
    package var json: String {
        var writer = JSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
