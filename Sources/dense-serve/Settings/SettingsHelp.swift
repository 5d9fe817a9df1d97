/// The list of settings as text: for `--help`, for the README and for `config/server.json`.
package enum SettingsHelp {
    /// The flag on a line of its own, and its meaning below it, for a terminal of 80 columns, the last of which the argument
    /// parser leaves free.
    package static var terminal: String {
        ServerSettings.all.map { setting in
            let sentences = "\(setting.help). Default: \(defaultText(setting))."
            return "  \(setting.flag) <\(placeholder(setting))>\n" + wrapped(sentences, indent: "      ", width: 79)
        }.joined(separator: "\n")
    }

    /// A Markdown table: name, default, values, meaning.
    package static var markdown: String {
        let rows = ServerSettings.all.map { setting in
            let values =
                switch setting.kind {
                case .text: "text"
                case .choice(_, let choices): choices.joined(separator: ", ")
                case .integer(_, let range):
                    "\(grouped(String(range.lowerBound))) to \(grouped(String(range.upperBound)))"
                case .flag: "true, false"
                }
            return "| `\(setting.name)` | \(defaultText(setting)) | \(values) | \(setting.help) |"
        }
        return (["| name | default | values | |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    /// The settings file with every setting at its default.
    package static var defaultFile: String {
        let defaults = ServerSettings()
        let members = ServerSettings.all.map { setting in
            let value = setting.text(in: defaults)
            switch setting.kind {
            case .text, .choice: return "  \"\(setting.name)\": \"\(value)\""
            case .integer, .flag: return "  \"\(setting.name)\": \(value)"
            }
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}\n"
    }

    private static func placeholder(_ setting: Setting) -> String {
        switch setting.kind {
        case .text: "text"
        case .choice(_, let choices): choices.joined(separator: "|")
        case .integer: setting.unit ?? "number"
        case .flag: "true|false"
        }
    }

    private static func defaultText(_ setting: Setting) -> String {
        let text = setting.text(in: ServerSettings())
        return switch setting.kind {
        case .integer: grouped(text) + (setting.unit.map { " " + $0 } ?? "")
        case .text, .choice, .flag: text.isEmpty ? "none" : text
        }
    }

    /// With commas from five digits on: `8080`, `20,000`.
    private static func grouped(_ digits: String) -> String {
        guard digits.count > 4 else { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    private static func wrapped(_ text: String, indent: String, width: Int) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(indent + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
