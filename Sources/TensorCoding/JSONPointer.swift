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
    /// The first ones, in the object itself: most objects need no memory for their names.
    private var few = InlineArray<4, String>(repeating: "")
    private var count = 0
    private var more: [String] = []
    private var many: Set<String> = []

    /// Whether the name is new. Comparing with each costs less than hashing, as long as they are few.
    mutating func insert(_ name: String) -> Bool {
        last = name
        for index in 0..<min(count, few.count) where few[index].utf8.elementsEqual(name.utf8) { return false }
        count += 1
        if count <= few.count {
            few[count - 1] = name
            return true
        }
        if more.count < 12 {
            if more.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return false }
            more.append(name)
            return true
        }
        if many.isEmpty { many.formUnion(more) }
        return many.insert(name).inserted
    }
}
