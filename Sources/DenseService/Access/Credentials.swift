internal import AccessControl
internal import HTTPServer

/// What a request shows to be let in.
enum Credentials {
    case none
    /// One token, which may be nobody's.
    case token(ArraySlice<UInt8>)
    /// More than one (RFC 6750, section 2).
    case several

    /// Looks in `Authorization` and `X-API-Key` only: a token in a target would end up in logs. Another scheme than Bearer is
    /// meant for somebody else, such as a proxy.
    init(_ headers: HTTPHeaders) {
        var token: ArraySlice<UInt8>?
        var count = 0
        headers.forEachValue(of: "Authorization") { value in
            guard let bearer = Self.bearer(value) else { return }
            token = bearer
            count += 1
        }
        headers.forEachValue(of: "X-API-Key") { value in
            token = value
            count += 1
        }
        self = count > 1 ? .several : token.map(Credentials.token) ?? .none
    }

    /// What follows the scheme, whose case does not matter (RFC 9110, section 11.1), nil for another scheme.
    private static func bearer(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let scheme: StaticString = "bearer"
        guard value.count >= scheme.utf8CodeUnitCount else { return nil }
        for index in 0..<scheme.utf8CodeUnitCount {
            guard unsafe value[value.startIndex + index] | 0x20 == scheme.utf8Start[index] else { return nil }
        }
        let rest = value.dropFirst(scheme.utf8CodeUnitCount)
        guard let first = rest.first else { return rest }
        return first == UInt8(ascii: " ") ? rest.drop { $0 == UInt8(ascii: " ") } : nil
    }
}
