internal import Glibc
internal import HTTPServer
internal import ModelStore

/// A model file with what goes with it, as `curl -F file=@m.weights.h5 -F config=@m.json` sends it: `multipart/form-data`
/// (RFC 7578) with the parts `file`, `config`, `activations` and `quantize`.
///
/// Forms were chosen over a configuration in the query (targets are bounded at a few KiB) and files in base64 inside JSON
/// (a step more for whoever has a file): every client can send them from files as they are.
struct ModelForm {
    let file: [UInt8]
    let configuration: [UInt8]?
    let activations: [String]?
    let quantization: String?

    private static let names = ["file", "config", "activations", "quantize"]
    private static let maximumHead = 4_096

    init(_ request: HTTPRequest) throws(ServiceError) {
        let boundary = try Self.boundary(request.headers)
        let parts = try unsafe request.body.withUnsafeBytes { bytes throws(ServiceError) in
            try unsafe Self.parts(bytes, boundary)
        }
        guard let file = parts["file"] else {
            throw .invalidForm(reason: "Expected a part named 'file', received \(Self.list(parts.keys.sorted())).")
        }
        self.file = file
        configuration = parts["config"]
        activations = parts["activations"].map { ModelFileOptions.names(String(decoding: $0, as: UTF8.self)) }
        quantization = parts["quantize"].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The parameter `boundary` of the media type (RFC 2046, section 5.1.1).
    private static func boundary(_ headers: HTTPHeaders) throws(ServiceError) -> String {
        let type = headers.bytes("Content-Type").map { String(decoding: $0, as: UTF8.self) } ?? ""
        for parameter in type.split(separator: ";").dropFirst() {
            let text = parameter.drop { $0 == " " || $0 == "\t" }
            guard text.lowercased().hasPrefix("boundary=") else { continue }
            var value = text.dropFirst("boundary=".count)
            while value.last == " " || value.last == "\t" { value.removeLast() }
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            guard (1...70).contains(value.utf8.count), value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                break
            }
            return String(value)
        }
        throw .invalidForm(reason: "Expected a boundary of 1 to 70 characters in Content-Type, received none.")
    }

    /// The parts by their names. Before the first delimiter and after the last one anything may stand.
    private static func parts(
        _ bytes: UnsafeRawBufferPointer, _ boundary: String
    ) throws(ServiceError) -> [String: [UInt8]] {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter may stand at the very beginning, without a line before it.
        var position: Int
        if unsafe bytes.starts(with: delimiter.dropFirst(2)) {
            position = delimiter.count - 2
        } else if let first = unsafe find(delimiter, in: bytes, from: 0) {
            position = first + delimiter.count
        } else {
            throw .invalidForm(reason: "Expected parts between lines '--\(boundary)', received none.")
        }
        var parts: [String: [UInt8]] = [:]
        while true {
            if unsafe bytes[position...].starts(with: "--".utf8) { return parts }
            guard let line = unsafe find([13, 10], in: bytes, from: position),
                let end = unsafe find(delimiter, in: bytes, from: line)
            else { throw .invalidForm(reason: "Expected a closing line '--\(boundary)--', received none.") }
            guard let headEnd = unsafe find([13, 10, 13, 10], in: bytes, from: line), headEnd + 4 <= end,
                headEnd - line <= maximumHead
            else {
                throw .invalidForm(reason: "Expected a part's fields and an empty line after them, received neither.")
            }
            let head = unsafe String(decoding: bytes[line..<headEnd], as: UTF8.self)
            let name = Self.name(head)
            guard let name, names.contains(name) else {
                throw .invalidForm(
                    reason:
                        "Expected parts named \(list(names)), received \(name.map { "'\($0.prefix(100))'" } ?? "none")."
                )
            }
            let content = unsafe Array(bytes[headEnd + 4..<end])
            guard parts.updateValue(content, forKey: name) == nil else {
                throw .invalidForm(reason: "Expected the part '\(name)' once, received it twice.")
            }
            position = end + delimiter.count
        }
    }

    /// The parameter `name` of `Content-Disposition: form-data`.
    private static func name(_ head: String) -> String? {
        for line in head.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ";").map { $0.drop { $0 == " " || $0 == "\t" } }
            guard let field = parts.first?.lowercased(), field.hasPrefix("content-disposition:"),
                field.hasSuffix("form-data")
            else { continue }
            for parameter in parts.dropFirst() where parameter.hasPrefix("name=") {
                let value = parameter.dropFirst("name=".count)
                guard value.count >= 2, value.first == "\"", value.last == "\"" else { return String(value) }
                return String(value.dropFirst().dropLast())
            }
        }
        return nil
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ")
    }

    /// The next place of bytes that begin with a carriage return.
    private static func find(_ needle: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, let first = needle.first else { return nil }
        var position = start
        while position < bytes.count,
            let found = unsafe memchr(base + position, Int32(first), bytes.count - position)
        {
            position = unsafe UnsafeRawPointer(found) - base
            if unsafe bytes[position...].starts(with: needle) { return position }
            position += 1
        }
        return nil
    }
}
