import Glibc

/// What the terminal, if there is one, can show.
package enum Terminal {
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether colour is welcome on a file descriptor: only on a terminal, and not where `NO_COLOR` or `TERM=dumb`
    /// say otherwise (no-color.org).
    package static func hasColour(_ descriptor: Int32) -> Bool {
        isTerminal(descriptor) && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    package enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case yellow = "33"
        case cyan = "36"
    }

    package static func styled(_ text: some StringProtocol, _ style: Style) -> String {
        "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    /// A help text or error message of the argument parser with its titles bold, its flags cyan and `Error:` red.
    package static func highlighted(_ message: String) -> String {
        message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if let colon = line.firstIndex(of: ":") {
                let title = line[...colon]
                if title == "Error:" { return styled(title, .red) + line[line.index(after: colon)...] }
                if title == "Usage:" || title.dropLast().allSatisfy({ $0.isUppercase || $0 == " " }) {
                    return styled(title, .bold) + line[line.index(after: colon)...]
                }
            }
            guard line.hasPrefix("  -") else { return String(line) }
            let flags = line.dropFirst(2)
            let end = flags.firstRange(of: "  ")?.lowerBound ?? flags.endIndex
            return "  " + styled(flags[..<end], .cyan) + flags[end...]
        }.joined(separator: "\n")
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
