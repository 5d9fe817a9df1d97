extension APIError {
    /// What went wrong, coarsely enough for every protocol to have a status for it. Each protocol maps these by one total
    /// `switch` of its own; the API's own protocol has `status`.
    enum Kind: CaseIterable, Sendable {
        /// The request is wrong in itself: its text, its types, its shapes, its media type.
        case invalid
        case unauthenticated
        case forbidden
        case notFound
        case methodNotAllowed
        /// Against the state of what it is about.
        case conflict
        /// The body is longer than it may be.
        case tooLarge
        /// The client was too slow.
        case clientTimeout
        case rateLimited
        case clientGone
        case serverFault
        case unimplemented
        /// Try again later, or elsewhere: full queues, starting, draining.
        case unavailable
        case deadlinePassed
        /// There is no room for another model.
        case storeFull
    }

    var kind: Kind {
        switch status {
        case 401: .unauthenticated
        case 403: .forbidden
        case 404: .notFound
        case 405: .methodNotAllowed
        case 408: .clientTimeout
        case 409: .conflict
        case 413: .tooLarge
        case 429: .rateLimited
        case 499: .clientGone
        case 501, 505: .unimplemented
        case 503: .unavailable
        case 504: .deadlinePassed
        case 507: .storeFull
        case 400..<500: .invalid
        default: .serverFault
        }
    }
}
