/// The value of `grpc-timeout`: one to eight digits and a unit.
package struct GRPCTimeout: Hashable, Sendable {
    /// At most some 11,000 years' worth of hours, so always a number.
    package let nanoseconds: Int

    package init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    /// Nil for anything else.
    package init?(_ text: some Collection<UInt8>) {
        let digits = text.prefix(while: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        let rest = text.dropFirst(digits.count)
        guard (1...8).contains(digits.count), rest.count == 1, let unit = rest.first else { return nil }
        let scale: Int
        switch unit {
        case UInt8(ascii: "H"): scale = 3_600_000_000_000
        case UInt8(ascii: "M"): scale = 60_000_000_000
        case UInt8(ascii: "S"): scale = 1_000_000_000
        case UInt8(ascii: "m"): scale = 1_000_000
        case UInt8(ascii: "u"): scale = 1_000
        case UInt8(ascii: "n"): scale = 1
        default: return nil
        }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        nanoseconds = overflow ? .max : product
    }
}
