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
package struct ConfigObject: Hashable, Sendable {
    package private(set) var members: [Member]

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
        // An index beside the list, since a client chooses how many members there are.
        var positions: [String: Int] = [:]
        for member in members {
            if let position = positions[member.name] {
                self.members[position].value = member.value
            } else {
                positions[member.name] = self.members.count
                self.members.append(member)
            }
        }
    }

    /// The value of a member, `nil` when there is none. Setting `nil` removes the member; setting a new name appends.
    package subscript(name: String) -> ConfigValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension ConfigObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, ConfigValue)...) {
        self.init(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
