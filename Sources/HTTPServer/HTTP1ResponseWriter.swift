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

    /// Appends the response. Returns its size in bytes.
    static func write(_ response: HTTPResponse, _ context: Context, into output: OutputBuffer) -> Int {
        let before = output.count
        output.append("HTTP/1.1 ")
        output.append(response.status.code)
        output.append(ASCII.space)
        output.append(fieldValue: response.status.reason)
        for (name, value) in response.headers where !isReserved(name) {
            output.append("\r\n")
            output.append(name)
            output.append(": ")
            output.append(fieldValue: value)
        }
        output.append("\r\nX-Request-Id: ")
        context.id.forEachByte { output.append($0) }
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
        if !context.isHead, !response.status.forbidsBody { output.append(body: response.body) }
        return output.count - before
    }

    /// Fields the server writes itself, and names that would break the head.
    private static func isReserved(_ name: String) -> Bool {
        let name = name.utf8
        guard !name.isEmpty, name.allSatisfy(\.isToken) else { return true }
        return switch name.count {
        case 4: name.matchesIgnoringCase("date")
        case 10: name.matchesIgnoringCase("connection")
        case 12: name.matchesIgnoringCase("x-request-id")
        case 14: name.matchesIgnoringCase("content-length")
        case 17: name.matchesIgnoringCase("transfer-encoding")
        default: false
        }
    }
}
