/// Configuration values as Python prints them, for error messages in Keras's wording. Long values are cut, so that a
/// message does not grow with what a client sends.
extension ConfigValue {
    /// Python's `repr`: `None`, `True`, `2.5`, `'64'`, `{'class_name': 'foo'}`.
    package var pythonRepresentation: String {
        var text = ""
        appendPythonRepresentation(to: &text)
        return Self.cut(text)
    }

    /// Python's `str`, as an f-string prints it: a string stands without quotes, everything else as `repr` has it.
    package var pythonText: String {
        guard case .string(let string) = self else { return pythonRepresentation }
        return Self.cut(string)
    }

    /// Python's name of the value's type, as `type(value)` prints it: `<class 'int'>`.
    package var pythonType: String {
        let name =
            switch self {
            case .null: "NoneType"
            case .bool: "bool"
            case .int: "int"
            case .double: "float"
            case .string: "str"
            case .array: "list"
            case .object: "dict"
            }
        return "<class '\(name)'>"
    }

    private static let longest = 200

    private static func cut(_ text: String) -> String {
        text.utf8.count <= longest ? text : text.prefix(longest) + "..."
    }

    private func appendPythonRepresentation(to text: inout String) {
        // The caller cuts the text; this keeps the work small as well.
        guard text.utf8.count <= Self.longest else { return }
        switch self {
        case .null: text += "None"
        case .bool(let value): text += value ? "True" : "False"
        case .int(let value): text += "\(value)"
        case .double(let value): text += "\(value)"
        case .string(let value): text += Self.quoted(value)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() where text.utf8.count <= Self.longest {
                if index > 0 { text += ", " }
                value.appendPythonRepresentation(to: &text)
            }
            text += "]"
        case .object(let object):
            text += "{"
            for (index, member) in object.members.enumerated() where text.utf8.count <= Self.longest {
                if index > 0 { text += ", " }
                text += Self.quoted(member.name) + ": "
                member.value.appendPythonRepresentation(to: &text)
            }
            text += "}"
        }
    }

    /// Single quotes, unless the string has some and no double ones: Python's choice.
    private static func quoted(_ string: String) -> String {
        let quote: Character = string.contains("'") && !string.contains("\"") ? "\"" : "'"
        var text = String(quote)
        for character in string.prefix(longest) {
            switch character {
            case quote, "\\": text += "\\" + String(character)
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default: text.append(character)
            }
        }
        text.append(quote)
        return text
    }
}

/// A partly known shape as Python prints it: `(None, 4)`.
func pythonTuple(_ dimensions: [Int?]) -> String {
    let axes = dimensions.map { $0.map(String.init) ?? "None" }
    return axes.count == 1 ? "(\(axes[0]),)" : "(\(axes.joined(separator: ", ")))"
}
