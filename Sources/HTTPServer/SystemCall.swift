import Glibc

/// What a system call came to: errno is read once, here, and interrupted calls are made again.
enum SystemCallResult {
    case value(Int)
    case failed(Int32)

    /// Makes the call until it is not interrupted.
    static func of(_ call: () -> Int) -> SystemCallResult {
        while true {
            let value = call()
            if value >= 0 { return .value(value) }
            let code = errno
            if code != EINTR { return .failed(code) }
        }
    }

    /// The value, or the failure as the error of whoever wanted to listen on `subject`.
    func get(_ call: String, _ subject: String) throws(HTTPServerError) -> Int {
        switch self {
        case .value(let value): return value
        case .failed(let code): throw .system(call: call, subject: subject, errno: code)
        }
    }
}
