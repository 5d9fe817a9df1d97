/// Writes responses as HTTP/1.1 (RFC 9112, sections 4 and 6).
enum HTTP1ResponseWriter {
    /// What shapes a response besides its own contents.
    struct Context {
        /// The answer is to a HEAD request.
        var isHead: Bool
        /// The request's minor version: 1.0 has to be told that the connection lives on.
        var minorVersion: Int
        var keepsAlive: Bool
        var id: RequestID
        /// The date's 29 bytes.
        var date: [UInt8]
    }

    /// More than the status line without its reason, the fields the server adds and the empty line take together.
    private static let fixedBytes = 256 + RequestID.maximumCount

    /// Appends the response. Returns its size in bytes.
    static func write(_ response: HTTPResponse, _ context: Context, into output: OutputBuffer) -> Int {
        let before = output.count
        var bound = fixedBytes + response.status.reason.utf8CodeUnitCount
        for (name, value) in response.headers { bound += name.utf8.count + value.utf8.count + 4 }
        if let fields = response.moreFields { bound += fields.mostBytes }
        output.append(atMost: bound) { output in
            output.append("HTTP/1.1 ")
            output.append(response.status.code)
            output.append(ASCII.space)
            output.append(response.status.reason)
            for (name, value) in response.headers where !isReserved(name) {
                output.append("\r\n")
                output.append(name)
                output.append(": ")
                output.append(fieldValue: value)
            }
            response.moreFields?.forEachField { name, count, value in
                output.append("\r\n")
                output.append(name)
                output.append(": ")
                output.append(atMost: count, value)
            }
            output.append("\r\nX-Request-Id: ")
            context.id.append(to: &output)
            output.append("\r\nDate: ")
            output.append(context.date)
            if !context.keepsAlive {
                output.append("\r\nConnection: close")
            } else if context.minorVersion == 0 {
                output.append("\r\nConnection: keep-alive")
            }
            if !response.status.forbidsBody {
                output.append("\r\nContent-Length: ")
                output.append(response.body.count)
            }
            output.append("\r\n\r\n")
        }
        if !context.isHead, !response.status.forbidsBody { output.append(body: response.body) }
        return output.count - before
    }

    /// Fields the server writes itself, and names that would break the head.
    private static func isReserved(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { name in
            guard !name.isEmpty, unsafe name.allSatisfy(\.isToken) else { return true }
            return switch name.count {
            case 4: unsafe name.matchesIgnoringCase("date")
            case 10: unsafe name.matchesIgnoringCase("connection")
            case 12: unsafe name.matchesIgnoringCase("x-request-id")
            case 14: unsafe name.matchesIgnoringCase("content-length")
            case 17: unsafe name.matchesIgnoringCase("transfer-encoding")
            default: false
            }
        }
    }
}
