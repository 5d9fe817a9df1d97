internal import DenseEngine
internal import HTTPServer
internal import TensorCoding

/// The `parameters` of a request to `/dense`: how its answer is to look, and how urgent it is.
struct DenseParameters {
    static let names = ["format", "non_finite", "return_logits", "return_losses", "priority"]

    var form = TensorForm.nested
    var nonFinite = NonFinitePolicy.error
    var returnsLogits = false
    var returnsLosses = false
    /// Only checked here: when the request waits for a worker it counts as `RequestHints` found it.
    private var priority = WorkOptions.defaultPriority

    /// Reads the JSON object.
    mutating func read(_ reader: inout JSONReader) throws(APIError) {
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "format", "non_finite":
                try set(name, api { () throws(CodingError) in try reader.readString() })
            case "return_logits": returnsLogits = try api { () throws(CodingError) in try reader.readBool() }
            case "return_losses": returnsLosses = try api { () throws(CodingError) in try reader.readBool() }
            case "priority":
                let place = reader.location
                priority = try api { () throws(CodingError) in try reader.readInt() }
                guard WorkOptions.priorities.contains(priority) else {
                    throw APIError(
                        CodingError.integerOutOfRange(priority, allowed: WorkOptions.priorities, at: place))
                }
            default: throw APIError(reader.unknownField(allowed: Self.names))
            }
        }
    }

    /// Takes a value given as text, in JSON or in a query.
    ///
    /// - Parameter name: one of `names`.
    mutating func set(_ name: String, _ value: String) throws(APIError) {
        switch name {
        case "format": form = try Self.choice(name, value)
        case "non_finite": nonFinite = try Self.choice(name, value)
        case "return_logits": returnsLogits = try Self.flag(name, value)
        case "priority":
            guard let number = Int(value), WorkOptions.priorities.contains(number) else {
                throw APIError(
                    ServiceError.invalidParameter(
                        name: name, allowed: WorkOptions.priorities.map { String($0) }, received: value))
            }
            priority = number
        default: returnsLosses = try Self.flag(name, value)
        }
    }

    /// The first parameter whose result only JSON can carry.
    var needingJSON: String? { returnsLogits ? "return_logits" : returnsLosses ? "return_losses" : nil }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ value: String
    ) throws(APIError) -> Choice {
        guard let choice = Choice(rawValue: value) else {
            throw APIError(
                ServiceError.invalidParameter(name: name, allowed: Choice.allCases.map(\.rawValue), received: value))
        }
        return choice
    }

    private static func flag(_ name: String, _ value: String) throws(APIError) -> Bool {
        guard let flag = Bool(value) else {
            throw APIError(ServiceError.invalidParameter(name: name, allowed: ["true", "false"], received: value))
        }
        return flag
    }
}
