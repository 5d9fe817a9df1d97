internal import HTTPServer

/// The forms of bodies, by their media types.
enum MediaType: String, CaseIterable, Sendable {
    case json = "application/json"
    case npy = "application/x-npy"
    case octets = "application/octet-stream"

    /// What `POST /dense` takes and gives.
    static let tensors: [MediaType] = [.json, .npy, .octets]

    /// The form of a request's body. None, and the one that `curl -d` sends unasked, are read as JSON.
    ///
    /// - Throws: `unsupportedMediaType`.
    static func ofBody(_ headers: HTTPHeaders, supported: [MediaType]) throws(ServiceError) -> MediaType {
        if headers.value(of: "Content-Type", is: "application/json") { return .json }
        guard let bytes = headers.bytes("Content-Type") else { return .json }
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        if parts[0] == "application/x-www-form-urlencoded" || text.isEmpty { return .json }
        guard let type = MediaType(rawValue: parts[0]), supported.contains(type), hasKnownCharset(parts.dropFirst())
        else { throw .unsupportedMediaType(text, supported: supported) }
        return type
    }

    /// The form of the answer that an `Accept` field chooses (RFC 9110, section 12.5.1): of the supported ones with the
    /// highest quality the first. Without the field, or where the choice is open, it is `preferred`.
    ///
    /// - Throws: `notAcceptable`.
    static func ofAnswer(
        _ headers: HTTPHeaders, preferred: MediaType, supported: [MediaType]
    ) throws(ServiceError) -> MediaType {
        guard headers.contains("Accept"), !headers.value(of: "Accept", is: "*/*") else { return preferred }
        let ranges = headers.values("Accept").flatMap { $0.split(separator: ",") }.map { AcceptRange(String($0)) }
        if ranges.isEmpty { return preferred }
        var best: (type: MediaType, quality: Double)?
        for type in [preferred] + supported.filter({ $0 != preferred }) {
            // The most specific range decides on a type.
            let quality = ranges.filter { $0.matches(type) }.max { $0.specificity < $1.specificity }?.quality ?? 0
            if quality > (best?.quality ?? 0) { best = (type, quality) }
        }
        guard let best else {
            throw .notAcceptable(headers.values("Accept").joined(separator: ", "), supported: supported)
        }
        return best.type
    }

    /// JSON is UTF-8; any other charset would be read wrongly.
    private static func hasKnownCharset(_ parameters: ArraySlice<String>) -> Bool {
        parameters.allSatisfy { parameter in
            guard parameter.hasPrefix("charset=") else { return true }
            return ["utf-8", "\"utf-8\"", "utf8", "us-ascii"].contains(String(parameter.dropFirst("charset=".count)))
        }
    }

    /// Lowercased, without the white space around it.
    fileprivate static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed()).lowercased()
    }
}

/// One element of `Accept`.
private struct AcceptRange {
    let range: String
    let quality: Double

    init(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { MediaType.trimmed($0) }
        range = parts[0]
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
        quality = weight.map { Double(String($0)) ?? 0 } ?? 1
    }

    /// 2 for a type, 1 for `application/*`, 0 for everything.
    var specificity: Int {
        switch range {
        case "*/*": 0
        case "application/*": 1
        default: 2
        }
    }

    func matches(_ type: MediaType) -> Bool { specificity < 2 || range == type.rawValue }
}
