internal import ContentCoding
internal import GRPCWire
internal import HTTPServer
internal import ProtobufWire

extension GRPCStatus {
    /// The status of whatever went wrong.
    init(_ error: APIError) { self.init(Self.code(of: error.kind), error.message) }

    /// gRPC's own rules where it has some (its statuscodes.md); the REST side's kinds else.
    private static func code(of kind: APIError.Kind) -> GRPCCode {
        switch kind {
        case .invalid: .invalidArgument
        case .unauthenticated: .unauthenticated
        case .forbidden: .permissionDenied
        case .notFound: .notFound
        case .methodNotAllowed: .unimplemented
        case .conflict: .failedPrecondition
        case .tooLarge: .resourceExhausted
        case .clientTimeout: .deadlineExceeded
        case .rateLimited: .resourceExhausted
        case .clientGone: .cancelled
        case .serverFault: .internalError
        case .unimplemented: .unimplemented
        case .unavailable: .unavailable
        case .deadlinePassed: .deadlineExceeded
        case .storeFull: .resourceExhausted
        }
    }

    init(_ error: GRPCFrameError) {
        switch error {
        case .tooLarge: self.init(.resourceExhausted, "\(error)")
        case .invalidFlag, .truncated: self.init(.internalError, "\(error)")
        // What is wrong with how often a call's messages come (gRPC's statuscodes.md, "cardinality violation").
        case .noMessage, .severalMessages: self.init(.unimplemented, "\(error)")
        }
    }

    init(_ error: ProtobufError) { self.init(.invalidArgument, "\(error)") }

    init(_ error: GRPCCallError) {
        switch error {
        case .unknownMethod, .unsupportedEncoding: self.init(.unimplemented, "\(error)")
        case .compressedWithoutEncoding, .notPost: self.init(.internalError, "\(error)")
        case .invalidTimeout: self.init(.invalidArgument, "\(error)")
        case .draining: self.init(.unavailable, "\(error)")
        }
    }

    init(_ error: ContentCodingError) {
        switch error {
        case .tooLarge, .noRoom, .outOfMemory: self.init(.resourceExhausted, "\(error)")
        case .unsupported, .tooMany, .corrupt, .truncated, .trailingBytes: self.init(.internalError, "\(error)")
        }
    }
}

/// What is wrong with a call itself, apart from its messages.
enum GRPCCallError: Error {
    case unknownMethod(String)
    case notPost(String)
    case unsupportedEncoding(String)
    case compressedWithoutEncoding
    case invalidTimeout(String)
    case draining
}

extension GRPCCallError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unknownMethod(let path):
            "There is no such method. Expected one that reflection lists, received '\(path.prefix(200))'."
        case .notPost(let method): "A call has the wrong method. Expected POST, received \(method)."
        case .unsupportedEncoding(let name):
            "The messages' encoding is not understood. Expected one of \(GRPCEncoding.names), received '\(name.prefix(100))'."
        case .compressedWithoutEncoding:
            "A message is compressed and the call does not say how. Expected grpc-encoding, received none or identity."
        case .invalidTimeout(let text):
            "grpc-timeout has a wrong value. Expected up to 8 digits and one of H, M, S, m, u, n, received "
                + "'\(text.prefix(40))'."
        case .draining: "The server is shutting down. Try another one."
        }
    }
}

/// The ways that messages are compressed: gRPC's names for what HTTP calls content codings.
enum GRPCEncoding {
    static let names = "identity, gzip, deflate"

    /// What `grpc-encoding` says; nil for none.
    static func coding(_ head: HTTPRequestHead) throws(GRPCCallError) -> ContentCoding? {
        guard let name = head.headers["grpc-encoding"] else { return nil }
        switch name {
        case "identity": return nil
        case "gzip": return .gzip
        case "deflate": return .deflate
        default: throw .unsupportedEncoding(name)
        }
    }
}
