package import AccessControl
internal import DenseEngine
internal import HTTPServer
internal import Locks

/// Decides who may do what. One gate stands before all requests; its list can be replaced while it does.
package final class AccessGate: Sendable {
    /// A token longer than this is nobody's; it is not worth a digest.
    private static let maximumTokenBytes = 1_024

    /// Whether there is a list. Without one everybody may do everything, but for changing models over the network.
    private let hasList: Bool
    private let list: Snapshot<AccessList>
    private let allowsOpenRegistration: Bool
    private let throttle: FailureThrottle

    /// - Parameters:
    ///   - list: nil for no access control.
    ///   - allowsOpenRegistration: whether models can be changed over the network without access control.
    ///   - failuresPerMinute: unknown tokens from one address until they are answered with 429; 0 for no bound.
    package init(list: AccessList?, allowsOpenRegistration: Bool = false, failuresPerMinute: Int = 20) {
        hasList = list != nil
        self.list = Snapshot(list ?? AccessList())
        self.allowsOpenRegistration = allowsOpenRegistration
        throttle = FailureThrottle(perMinute: failuresPerMinute)
    }

    /// Takes another list. An empty one lets nobody in. Of no effect on a gate that has none.
    package func replace(_ list: AccessList) { self.list.replace(list) }

    /// Who is let in, by the name logs have for them, nil where it does not matter.
    func admit(
        _ operation: Operation, _ head: HTTPRequestHead, from peer: HTTPPeer
    ) throws(Refusal) -> String? {
        try admit(operation.roles, changesModels: operation.changesModels, head, from: peer)
    }

    /// Who is let in to do something that needs one of these roles, nil where anybody may.
    func admit(
        _ roles: AccessRoles?, changesModels: Bool, _ head: HTTPRequestHead, from peer: HTTPPeer
    ) throws(Refusal) -> String? {
        guard hasList else {
            if changesModels, !peer.isLocal, !allowsOpenRegistration, head.clientCertificate == nil {
                throw Refusal(error: .openRegistration)
            }
            return nil
        }
        guard let needed = roles else { return nil }
        let client = try client(head, from: peer)
        guard client.roles.suffice(forAnyOf: needed) else {
            throw Refusal(error: .forbidden(needed: needed, roles: client.roles), client: client.name)
        }
        return client.name
    }

    /// Why somebody is not let in, and who it was, if that is known.
    struct Refusal: Error {
        var error: AccessError
        var client: String?
    }

    /// Who sent a request: whose token it has, or else whose certificate.
    private func client(
        _ head: HTTPRequestHead, from peer: HTTPPeer
    ) throws(Refusal) -> AccessList.Client {
        switch Credentials(head.headers) {
        case .several: throw Refusal(error: .severalTokens)
        case .none:
            guard let certificate = head.clientCertificate else { throw Refusal(error: .noCredentials) }
            let client = list.read {
                $0.client(subject: certificate.subject, alternativeNames: certificate.names)
            }
            guard let client else { throw Refusal(error: .unknownCertificate(subject: certificate.subject)) }
            return client
        case .token(let token):
            if !token.isEmpty, token.count <= Self.maximumTokenBytes {
                let digest = TokenDigest(of: token)
                if let client = list.read({ $0.client(digest) }) { return client }
            }
            guard let seconds = throttle.failed(from: peer.address, now: UInt64(Instant.now.nanoseconds)) else {
                throw Refusal(error: .unknownToken)
            }
            throw Refusal(error: .tooManyFailures(retryAfter: seconds))
        }
    }
}
