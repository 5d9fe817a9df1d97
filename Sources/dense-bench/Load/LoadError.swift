/// Why a server could not be driven.
package enum LoadError: Error, Hashable, Sendable {
    case invalidURL(String)
    case unknownHost(String)
    /// A system call failed; `reason` is the system's word for it.
    case unreachable(address: String, reason: String)
    case noHTTP(address: String, ResponseError)
    /// The server does not want what the load needs; `text` is the beginning of its answer.
    case refused(request: String, status: Int, text: String)
    case wrongAnswer(request: String, WrongAnswer)
    case unreadable(file: String, reason: String)
    case system(call: String, reason: String)
    /// Neither `--pid` nor `/proc` knows of a process.
    case noProcess(Int)
    /// A program that was started ended, or did not answer in time.
    case notStarted(program: String, reason: String)
}

extension LoadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidURL(let url):
            "The URL cannot be used. Expected http://HOST[:PORT][/PATH], received '\(url)'."
        case .unknownHost(let host): "The host is unknown. Expected a name or an address, received '\(host)'."
        case .unreachable(let address, let reason): "The server at \(address) does not answer: \(reason)."
        case .noHTTP(let address, let error): "The server at \(address) cannot be understood. \(error)"
        case .refused(let request, let status, let text):
            "The server refused what the load needs. Expected a status of 2xx to \(request), received \(status)"
                + (text.isEmpty ? "." : ": \(text)")
        case .wrongAnswer(let request, let answer): "The answer to \(request) is wrong. \(answer)"
        case .unreadable(let file, let reason): "The file \(file) cannot be read: \(reason)."
        case .system(let call, let reason): "\(call) failed: \(reason)."
        case .noProcess(let number): "There is no process \(number) to watch."
        case .notStarted(let program, let reason): "\(program) did not start: \(reason)."
        }
    }
}
