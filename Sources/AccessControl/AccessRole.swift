/// What a client can be allowed to do.
package enum AccessRole: String, CaseIterable, Sendable {
    /// To compute, and to read what models there are.
    case infer
    /// To register, change, remove, read and download models.
    case register
    /// To read the metrics.
    case metrics
    /// Everything.
    case admin
}

/// A set of roles.
package struct AccessRoles: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    private init(_ role: AccessRole) { rawValue = 1 << UInt8(AccessRole.allCases.firstIndex(of: role) ?? 0) }

    package static let infer = AccessRoles(.infer)
    package static let register = AccessRoles(.register)
    package static let metrics = AccessRoles(.metrics)
    package static let admin = AccessRoles(.admin)

    /// The roles of a list like `infer,register`, nil when it has anything else in it.
    package init?(list: some StringProtocol) {
        self = []
        for name in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let role = AccessRole(rawValue: String(name)) else { return nil }
            insert(AccessRoles(role))
        }
    }

    /// Whether whoever has these roles may do what one of `others` is enough for.
    package func suffice(forAnyOf others: AccessRoles) -> Bool {
        contains(.admin) || !isDisjoint(with: others)
    }

    /// The roles' names in order.
    package var names: [String] {
        AccessRole.allCases.filter { contains(AccessRoles($0)) }.map(\.rawValue)
    }
}
