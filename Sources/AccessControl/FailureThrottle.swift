internal import Glibc
internal import Locks

/// Counts failed attempts by where they come from, in a fixed amount of memory, and says who has made too many.
///
/// An address may fail as often as the limit at once, and earns one more failure in each `60 / limit` seconds (the generic
/// cell rate algorithm: all that is kept of an address is when its debt is paid). IPv6 counts by /64, which is what one
/// client usually has. Where there is no room for another address, the one with the least debt is forgotten.
package final class FailureThrottle: Sendable {
    private struct Debtor {
        var block: UInt64 = 0
        /// When nothing is owed any more, in nanoseconds.
        var paidAt: UInt64 = 0
    }

    /// Which places of the table an address may take is nobody's choice: the hash is seeded at random.
    private static let ways = 4
    private static let sets = 1_024

    private let interval: UInt64
    private let tolerance: UInt64
    private let debtors: Lock<[Debtor]>

    /// - Parameter perMinute: how many attempts may fail; 0 counts nothing.
    package init(perMinute: Int) {
        interval = perMinute > 0 ? 60_000_000_000 / UInt64(perMinute) : 0
        tolerance = interval &* UInt64(max(perMinute, 1) - 1)
        debtors = Lock(perMinute > 0 ? Array(repeating: Debtor(), count: Self.ways * Self.sets) : [])
    }

    /// Takes note of a failed attempt. Returns the seconds until the next may be made, nil if it was not one too many.
    ///
    /// - Parameters:
    ///   - address: as text, with or without a port.
    ///   - now: nanoseconds of a clock that never goes back.
    package func failed(from address: String, now: UInt64) -> Int? {
        guard interval > 0 else { return nil }
        let block = Self.block(of: address)
        let first = Int(UInt(bitPattern: block.hashValue) % UInt(Self.sets)) * Self.ways
        return debtors.withLock { debtors in
            let places = first..<first + Self.ways
            let place =
                places.first { debtors[$0].block == block } ?? places.min { debtors[$0].paidAt < debtors[$1].paidAt }
                ?? first
            let paidAt = debtors[place].block == block ? max(debtors[place].paidAt, now) : now
            let excess = paidAt - now
            guard excess <= tolerance else { return Int((excess - tolerance - 1) / 1_000_000_000) + 1 }
            debtors[place] = Debtor(block: block, paidAt: paidAt + interval)
            return nil
        }
    }

    /// What counts as one client: an IPv4 address, or the first half of an IPv6 address. Whatever else there is, such as the
    /// clients of a Unix socket, is one together.
    static func block(of address: String) -> UInt64 {
        var host = address[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if let colon = host.firstIndex(of: ":"), host.lastIndex(of: ":") == colon {
            host = host[..<colon]
        }
        host = host.prefix { $0 != "%" }
        var version4 = in_addr()
        if unsafe inet_pton(AF_INET, String(host), &version4) == 1 {
            // Where no IPv6 network can be.
            return 0x0000_FFFF_0000_0000 | UInt64(UInt32(bigEndian: version4.s_addr))
        }
        var version6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, String(host), &version6) == 1 else { return 1 }
        return unsafe withUnsafeBytes(of: version6) { UInt64(bigEndian: unsafe $0.loadUnaligned(as: UInt64.self)) }
    }
}
