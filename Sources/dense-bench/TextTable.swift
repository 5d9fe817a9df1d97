/// Columns of text.
enum TextTable {
    /// A line of cells, each as wide as its width says: positive widths fill up on the right, negative ones on the left.
    static func line(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (cell, width) in zip(cells, widths) {
            let padding = String(repeating: " ", count: max(abs(width) - cell.count, 0))
            line += (line.isEmpty ? "" : " ") + (width < 0 ? padding + cell : cell + padding)
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// A title and rows, every column as wide as its widest cell; the first is aligned to the left.
    static func text(title: [String], rows: [[String]]) -> String {
        let widths = title.indices.map { column in
            ([title] + rows).map { $0[column].count }.max() ?? 0
        }
        let aligned = widths.enumerated().map { $0.offset == 0 ? $0.element : -$0.element - 1 }
        return ([title] + rows).map { line($0, widths: aligned) + "\n" }.joined()
    }
}

extension Double {
    /// With a number of digits after the point, and neither exponent nor locale.
    func fixed(_ digits: Int) -> String {
        guard isFinite, magnitude < 1e12 else { return description }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((magnitude * scale).rounded())
        let whole = scaled / Int(scale)
        let rest = String(scaled % Int(scale))
        let sign = self < 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        return sign + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
