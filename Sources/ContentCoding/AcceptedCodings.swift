/// What `Accept-Encoding` allows (RFC 9110, section 12.5.3).
package struct AcceptedCodings: Hashable, Sendable {
    /// The coding the client likes best of those there are; nil when it likes none, or its bytes as they are, better.
    package let best: ContentCoding?
    /// Whether the body may be sent as it is.
    package let allowsIdentity: Bool

    /// Without the field everything is allowed, and nothing is coded: a client that can decode says so.
    package static let unstated = AcceptedCodings(best: nil, allowsIdentity: true)

    private init(best: ContentCoding?, allowsIdentity: Bool) {
        self.best = best
        self.allowsIdentity = allowsIdentity
    }

    /// - Parameter fields: the values of the field, one for each time it was given. An item that cannot be read counts
    ///   as unwanted.
    package init(_ fields: [String]) {
        guard !fields.isEmpty else {
            self = .unstated
            return
        }
        var weights: [ContentCoding: Int] = [:]
        var identity: Int?
        var others: Int?
        for item in fields.flatMap({ $0.split(separator: ",") }) {
            let parts = item.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmed
            let weight = parts.count > 1 ? Self.weight(parts[1]) : 1000
            if name == "*" {
                others = weight
            } else if name.lowercased() == "identity" {
                identity = weight
            } else if let coding = ContentCoding(name: name) {
                weights[coding] = max(weight, weights[coding] ?? 0)
            }
        }
        var best: (coding: ContentCoding, weight: Int)?
        for coding in ContentCoding.allCases {
            let weight = weights[coding] ?? others ?? 0
            if weight > (best?.weight ?? 0) { best = (coding, weight) }
        }
        allowsIdentity = (identity ?? others ?? 1) > 0
        // An identity that is named and weighs more than every coding is what the client wants.
        self.best = (best?.weight ?? 0) >= (identity ?? 0) ? best?.coding : nil
    }

    /// `q=0.5` in thousandths, of which no more than three digits count; 0 for what is none.
    private static func weight(_ parameter: Substring) -> Int {
        let text = parameter.trimmed
        guard text.lowercased().hasPrefix("q=") else { return 0 }
        let digits = Array(text.utf8.dropFirst(2))
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits[1] == UInt8(ascii: ".")
        else { return 0 }
        var weight = Int(first - UInt8(ascii: "0"))
        for place in 0..<3 {
            let digit = place + 2 < digits.count ? digits[place + 2] : UInt8(ascii: "0")
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return 0 }
            weight = weight * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return weight <= 1000 ? weight : 0
    }
}
