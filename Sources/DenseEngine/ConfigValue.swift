/// One value of a layer's configuration: what JSON can say, without the JSON. The engine reads and writes Keras
/// configurations in this form; `TensorCoding` turns it from and into text.
package enum ConfigValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent that fits an `Int`.
    case int(Int)
    case double(Double)
    case string(String)
    case array([ConfigValue])
    case object(ConfigObject)
}

/// The members of an object, in the order they were written. Names are unique.
///
/// Two objects are equal when they have the same members in the same order.
package struct ConfigObject: Sendable {
    package private(set) var members: [Member]
    /// Where the members stand, once they are too many to be searched: a client chooses how many there are.
    private var positions: [String: Int]?

    private static let searched = 16

    package struct Member: Hashable, Sendable {
        package let name: String
        package var value: ConfigValue

        package init(name: String, value: ConfigValue) {
            self.name = name
            self.value = value
        }
    }

    /// Of members with one name the last value counts.
    package init(_ members: [Member] = []) {
        self.members = []
        for member in members { self[member.name] = member.value }
    }

    /// The value of a member, `nil` when there is none. Setting `nil` removes the member; setting a new name appends.
    package subscript(name: String) -> ConfigValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                if positions != nil { positions = Self.positions(of: members) }
            case (nil, let value?):
                members.append(Member(name: name, value: value))
                positions?[name] = members.count - 1
                if positions == nil, members.count > Self.searched { positions = Self.positions(of: members) }
            case (nil, nil): break
            }
        }
    }

    private func position(of name: String) -> Int? {
        if let positions { return positions[name] }
        return members.firstIndex { $0.name == name }
    }

    private static func positions(of members: [Member]) -> [String: Int] {
        var positions: [String: Int] = [:]
        for (position, member) in members.enumerated() { positions[member.name] = position }
        return positions
    }
}

extension ConfigObject: Hashable {
    package static func == (left: ConfigObject, right: ConfigObject) -> Bool { left.members == right.members }

    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension ConfigObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, ConfigValue)...) {
        self.init(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
