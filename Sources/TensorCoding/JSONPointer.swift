/// JSON pointers (RFC 6901).
enum JSONPointer {
    /// A member's name as a pointer spells it.
    static func escaped(_ name: String) -> String {
        var escaped = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// The names an object has had so far.
struct FieldNames {
    /// The name inserted last.
    private(set) var last = ""
    private var few: [String] = []
    private var many: Set<String> = []

    /// Whether the name is new. Comparing with each costs less than hashing, as long as they are few.
    mutating func insert(_ name: String) -> Bool {
        last = name
        if few.count < 16 {
            if few.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return false }
            few.append(name)
            return true
        }
        if many.isEmpty { many.formUnion(few) }
        return many.insert(name).inserted
    }
}
