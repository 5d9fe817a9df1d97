/// Who may do what: tokens by their digests, and certificates by the names in them. A value; a change is another list.
package struct AccessList: Sendable {
    /// Somebody the list knows.
    package struct Client: Hashable, Sendable {
        /// What logs call the client.
        package let name: String
        package let roles: AccessRoles

        /// A client of this name.
        package init(name: String, roles: AccessRoles) {
            self.name = name
            self.roles = roles
        }
    }

    /// How a client shows who it is.
    package enum Key: Hashable, Sendable {
        case token(TokenDigest)
        /// A certificate's subject, as RFC 4514 writes it: `CN=edge-1,O=Acme`.
        case subject(String)
        /// One of a certificate's alternative names with its kind: `DNS:edge-1.example`.
        case alternativeName(String)
    }

    /// One line.
    package struct Entry: Hashable, Sendable {
        package let key: Key
        package let client: Client

        /// A line that says who shows the key.
        package init(key: Key, client: Client) {
            self.key = key
            self.client = client
        }
    }

    /// Every token is compared with every digest, so their number has a bound.
    package static let maximumCount = 4_096

    package let entries: [Entry]
    private let digests: [SIMD4<UInt64>]
    private let tokenClients: [Client]
    private let certificateClients: [Key: Client]

    /// A list of these entries.
    package init(_ entries: [Entry] = []) {
        self.entries = entries
        var digests: [SIMD4<UInt64>] = []
        var tokenClients: [Client] = []
        var certificateClients: [Key: Client] = [:]
        for entry in entries {
            switch entry.key {
            case .token(let digest):
                digests.append(digest.words)
                tokenClients.append(entry.client)
            case .subject, .alternativeName: certificateClients[entry.key] = entry.client
            }
        }
        self.digests = digests
        self.tokenClients = tokenClients
        self.certificateClients = certificateClients
    }

    /// Whether a certificate can be enough.
    package var knowsCertificates: Bool { !certificateClients.isEmpty }

    /// Whose token this is the digest of.
    ///
    /// Takes the same time whatever the token: all digests are compared, to their end, and which of them was equal is
    /// found without a branch.
    package func client(_ digest: TokenDigest) -> Client? {
        var found = 0
        var number = 0
        for stored in digests {
            number &+= 1
            let difference = stored ^ digest.words
            let any = difference[0] | difference[1] | difference[2] | difference[3]
            // All ones if nothing differs, else 0.
            let isEqual = Int(truncatingIfNeeded: ((any | (0 &- any)) >> 63) &- 1)
            found = found & ~isEqual | number & isEqual
        }
        return found == 0 ? nil : tokenClients[found - 1]
    }

    /// Whose certificate this is, by its subject or else by the first of its alternative names that is listed.
    package func client(subject: String, alternativeNames: [String]) -> Client? {
        if let client = certificateClients[.subject(subject)] { return client }
        for name in alternativeNames {
            if let client = certificateClients[.alternativeName(name)] { return client }
        }
        return nil
    }
}
