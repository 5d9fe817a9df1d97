internal import HTTPServer

/// The forms of bodies, by their media types.
enum MediaType: String, CaseIterable, Sendable {
    case json = "application/json"
    case npy = "application/x-npy"
    case octets = "application/octet-stream"
    case zip = "application/zip"
    case hdf5 = "application/x-hdf5"
    case form = "multipart/form-data"

    /// The same text, to be compared with bytes.
    var name: StaticString {
        switch self {
        case .json: "application/json"
        case .npy: "application/x-npy"
        case .octets: "application/octet-stream"
        case .zip: "application/zip"
        case .hdf5: "application/x-hdf5"
        case .form: "multipart/form-data"
        }
    }

    /// What `POST /dense` takes and gives.
    static let tensors: [MediaType] = [.json, .npy, .octets]

    /// What `PUT /models/{name}` takes. Which kind of file it is shows in its first bytes; a form has a file and what goes
    /// with it.
    static let models: [MediaType] = [.json, .octets, .zip, .hdf5, .npy, .form]

    /// What the `PUT` of an adapter takes.
    static let adapters: [MediaType] = [.json, .octets]

    /// The form of a request's body. None, and the one that `curl -d` sends unasked, are read as JSON.
    ///
    /// - Throws: `unsupportedMediaType`.
    static func ofBody(_ headers: HTTPHeaders, supported: [MediaType]) throws(ServiceError) -> MediaType {
        for type in supported where headers.value(of: "Content-Type", is: type.name) { return type }
        guard let bytes = headers.bytes("Content-Type") else { return .json }
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { trimmed($0.utf8) }
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
        var accepted = AcceptedTypes()
        headers.forEachValue("Accept") { accepted.read($0) }
        guard !accepted.isEmpty else { return preferred }
        var best = (type: preferred, quality: accepted.quality(of: preferred))
        for type in supported where accepted.quality(of: type) > best.quality {
            best = (type, accepted.quality(of: type))
        }
        guard best.quality > 0 else {
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
    private static func trimmed(_ text: Substring.UTF8View) -> String {
        var text = text
        while let first = text.first, isSpace(first) { text.removeFirst() }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return Substring(text).lowercased()
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
