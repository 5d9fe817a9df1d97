internal import HTTPServer

/// What `Accept` says about the forms of bodies there are (RFC 9110, section 12.5.1), read without a String: nearly every
/// client sends one.
struct AcceptedTypes {
    /// What the most specific range so far says about a type.
    private struct Preference {
        /// 3 for the type itself, 2 for `application/*`, 1 for everything, 0 for nothing yet.
        var specificity = 0
        /// In thousandths.
        var quality = 0
    }

    /// By the position in `MediaType.allCases`.
    private var preferences = InlineArray<6, Preference>(repeating: Preference())
    /// Whether no range was read.
    private(set) var isEmpty = true

    /// In thousandths; 0 for a type that is not acceptable.
    func quality(of type: MediaType) -> Int { preferences[type.index].quality }

    /// Reads one field's value.
    mutating func read(_ value: Span<UInt8>) {
        var start = 0
        while start < value.count {
            let end = value.firstIndex(of: UInt8(ascii: ","), from: start) ?? value.count
            readRange(value.extracting(start..<end))
            start = end + 1
        }
    }

    /// `media-range [ parameters ]`, of which only the weight counts.
    private mutating func readRange(_ text: Span<UInt8>) {
        var end = text.firstIndex(of: UInt8(ascii: ";"), from: 0) ?? text.count
        let range = text.trimmed(0..<end)
        guard !range.isEmpty else { return }
        var quality = 1000
        var isWeighted = false
        while end < text.count, !isWeighted {
            let start = end + 1
            end = text.firstIndex(of: UInt8(ascii: ";"), from: start) ?? text.count
            let parameter = text.trimmed(start..<end)
            guard parameter.count >= 2, text[parameter.lowerBound] | 0x20 == UInt8(ascii: "q"),
                text[parameter.lowerBound + 1] == UInt8(ascii: "=")
            else { continue }
            quality = Self.weight(text, parameter.dropFirst(2))
            isWeighted = true
        }
        isEmpty = false
        // The others are never answers that a client chooses.
        for type in MediaType.tensors {
            let specificity =
                text.matches(range, ignoringCase: type.name)
                ? 3 : text.matches(range, ignoringCase: "application/*") ? 2 : text.matches(range, "*/*") ? 1 : 0
            if specificity > preferences[type.index].specificity {
                preferences[type.index] = Preference(specificity: specificity, quality: quality)
            }
        }
    }

    /// `0.75` as thousandths; 0 for what is no weight.
    private static func weight(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        guard let first = range.first, text[first] == UInt8(ascii: "0") || text[first] == UInt8(ascii: "1") else {
            return 0
        }
        var weight = text[first] == UInt8(ascii: "1") ? 1000 : 0
        guard range.count > 1 else { return weight }
        guard text[first + 1] == UInt8(ascii: ".") else { return 0 }
        var place = 100
        for index in range.dropFirst(2) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) else { return 0 }
            weight += place * Int(text[index] - UInt8(ascii: "0"))
            place /= 10
        }
        return min(weight, 1000)
    }
}

extension MediaType {
    fileprivate var index: Int {
        switch self {
        case .json: 0
        case .npy: 1
        case .octets: 2
        case .zip: 3
        case .hdf5: 4
        case .form: 5
        }
    }
}
