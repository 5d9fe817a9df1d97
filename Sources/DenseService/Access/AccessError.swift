internal import AccessControl

/// Why a request is not let in.
enum AccessError: Error, Hashable {
    /// It has no token, and no certificate that helps.
    case noCredentials
    /// It has a certificate that is verified, and that no line knows.
    case unknownCertificate(subject: String)
    /// Its token is nobody's.
    case unknownToken
    /// There was an unknown token, and there were too many of them from this address before.
    case tooManyFailures(retryAfter: Int)
    /// It has more than one token.
    case severalTokens
    /// Whoever sent it is known and may not do this.
    case forbidden(needed: AccessRoles, roles: AccessRoles)
    /// It would change the models of a server that anybody in the network can reach.
    case openRegistration
}

extension AccessError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noCredentials:
            "This needs a token. Expected Authorization: Bearer TOKEN or X-API-Key: TOKEN, received neither."
        case .unknownCertificate(let subject):
            "The client's certificate is verified, but not listed. Expected a line for its subject or one of its names, or a "
                + "token; received '\(subject.prefix(200))'."
        case .unknownToken: "The token is unknown. Expected one that is listed, received another."
        case .tooManyFailures(let seconds):
            "There were too many unknown tokens from this address. Expected a listed token, or none for \(seconds) s; "
                + "received another."
        case .severalTokens:
            "The request has several tokens. Expected one Authorization: Bearer TOKEN or one X-API-Key: TOKEN, received more."
        case .forbidden(let needed, let roles):
            "The client may not do this. Expected the role \(needed.union(.admin).names.joined(separator: " or ")), received "
                + "\(roles.names.joined(separator: ", "))."
        case .openRegistration:
            "Models cannot be changed on a server that listens to the network without access control. Expected tokens "
                + "(tokens_file), a request from the server's own machine, or the setting allow_open_registration; received "
                + "none of them."
        }
    }

    /// What metrics call it.
    var reason: AccessMetrics.Reason {
        switch self {
        case .noCredentials: .noCredentials
        case .unknownCertificate: .unknownCertificate
        case .unknownToken: .unknownToken
        case .tooManyFailures: .tooManyFailures
        case .severalTokens: .severalTokens
        case .forbidden: .forbidden
        case .openRegistration: .openRegistration
        }
    }
}
