import Glibc

/// Where clients come from, as far as their number is bounded: an IPv4 address, or the /64 of an IPv6 address, all of which
/// one subscriber has.
package struct ClientNetwork: Hashable, Sendable {
    private let bits: UInt64

    /// The network of an address as it stands in a packet, of 4 or 16 bytes; nil for anything else.
    package init?(_ address: [UInt8]) {
        let isMapped =
            address.count == 16 && address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xFF && address[11] == 0xFF
        switch isMapped ? Array(address[12...]) : address {
        // No client's /64 begins with ffff: that is the end of multicast.
        case let four where four.count == 4: bits = four.reduce(0xFFFF_FFFF) { $0 << 8 | UInt64($1) }
        case let sixteen where sixteen.count == 16: bits = sixteen[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        default: return nil
        }
    }

    /// Nil for what has no network, a Unix socket.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let address = unsafe withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                unsafe withUnsafeBytes(of: bytes.load(as: sockaddr_in.self).sin_addr) { unsafe Array($0) }
            case AF_INET6:
                unsafe withUnsafeBytes(of: bytes.load(as: sockaddr_in6.self).sin6_addr) { unsafe Array($0) }
            default: [UInt8]()
            }
        }
        self.init(address)
    }
}
