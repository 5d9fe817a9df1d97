extension String {
    /// A text that came from outside, in quotes as messages show it: no longer than a line, and nothing in it that a terminal
    /// or a log would take for a command.
    package var quoted: String {
        let shown = unicodeScalars.prefix(160)
        // Nearly always.
        guard shown.contains(where: Self.isControl) else { return "'\(Substring(shown))'" }
        return "'\(shown.map { Self.isControl($0) ? "?" : String($0) }.joined())'"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
