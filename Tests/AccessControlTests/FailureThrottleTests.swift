import AccessControl
import Testing

@Suite("Failed attempts")
struct FailureThrottleTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("an address may fail so often a minute, then waits, and earns attempts back")
    func slows() {
        let throttle = FailureThrottle(perMinute: 6)
        for _ in 0..<6 { #expect(throttle.failed(from: "10.0.0.1:5", now: 0) == nil) }
        #expect(throttle.failed(from: "10.0.0.1:6", now: 0) == 10)
        #expect(throttle.failed(from: "10.0.0.1:7", now: 9 * Self.second) == 1)
        // What was refused does not count, so the time it has to wait does not grow.
        #expect(throttle.failed(from: "10.0.0.1:8", now: 10 * Self.second) == nil)
        #expect(throttle.failed(from: "10.0.0.1:8", now: 10 * Self.second) == 10)
        for _ in 0..<6 { #expect(throttle.failed(from: "10.0.0.1:9", now: 200 * Self.second) == nil) }
    }

    @Test(
        "what counts as one address: IPv4 whatever the port, IPv6 by /64, and all else together",
        arguments: [
            ("10.0.0.1:1", "10.0.0.1:2", true), ("10.0.0.1:1", "10.0.0.2:1", false),
            ("[2001:db8::1]:1", "[2001:db8::ffff:2]:9", true), ("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false),
            ("[fe80::1%eth0]:1", "[fe80::2%eth1]:1", true), ("unix", "unix", true), ("unix", "10.0.0.1:1", false),
            ("unix", "[::1]:1", false), ("10.0.0.1", "10.0.0.1:80", true), ("::1", "[::1]:80", true),
        ])
    func addresses(first: String, second: String, same: Bool) {
        let throttle = FailureThrottle(perMinute: 1)
        #expect(throttle.failed(from: first, now: 5) == nil)
        #expect((throttle.failed(from: second, now: 5) != nil) == same)
    }

    @Test("of more addresses than there is room for, those that failed most are kept")
    func bounded() {
        let throttle = FailureThrottle(perMinute: 100)
        for _ in 0..<100 { #expect(throttle.failed(from: "192.0.2.1:1", now: 0) == nil) }
        for index in 0..<100_000 {
            _ = throttle.failed(from: "10.\(index >> 16).\(index >> 8 & 255).\(index & 255):1", now: 0)
        }
        #expect(throttle.failed(from: "192.0.2.1:1", now: 0) != nil)
    }

    @Test("0 is no bound")
    func off() {
        let throttle = FailureThrottle(perMinute: 0)
        for _ in 0..<1_000 { #expect(throttle.failed(from: "10.0.0.1:1", now: 0) == nil) }
    }
}
