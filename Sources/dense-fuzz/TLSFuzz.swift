import HTTPServer
import Locks
import TestCertificates

/// TLS on sockets: a real client whose flights are passed on whole, in pieces, changed, or mixed with others' bytes, as the input
/// says. Whatever comes, the connection ends with its client and gives everything back, every handshake is counted, and what
/// was not changed on its way is answered; what was is not.
///
/// The first byte of an input is the client's kind, steps follow: a byte for what to do, one for a length, and so many bytes.
package enum TLSFuzz {
    /// What a step does.
    enum Action: UInt8, CaseIterable {
        /// The bytes go to the server as they are.
        case inject
        /// What the client has to send goes to the server: whole, with one byte changed, or in two pieces.
        case pass, change, cut
        /// The client sends the bytes as application data, or a request.
        case write, request
        /// The client's stream ends, with a farewell or without.
        case sayGoodbye, end
    }

    package static func target() -> FuzzTarget {
        let stage = Lock<TLSStage?>(nil)
        return FuzzTarget(
            name: "tls", seeds: seeds,
            tokens: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
            byteTokens: records + Action.allCases.map { step($0) },
            check: { input throws(FuzzFailure) in
                let stage = try stage.withLock { stage throws(FuzzFailure) in
                    if let stage { return stage }
                    let made: TLSStage
                    do { made = try TLSStage() } catch { throw FuzzFailure("no stage: \(error)", input) }
                    stage = made
                    return made
                }
                return try stage.play(input)
            }, repair: repaired)
    }

    static func step(_ action: Action, _ bytes: [UInt8] = []) -> [UInt8] {
        [action.rawValue, UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }

    /// Both versions, every choice of ALPN: two flights make a handshake, three of them over TLS 1.2.
    private static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for kind in UInt8(0)..<8 {
            let handshake: [[UInt8]] = [[kind], step(.pass), step(.pass), step(.pass)]
            let asked: [[UInt8]] = [
                step(.request), step(.pass), step(.request), step(.pass), step(.sayGoodbye), step(.pass),
            ]
            let head = Array("GET / HTTP/1.1\r\n".utf8)
            let written: [[UInt8]] = [step(.write, head), step(.cut, [9]), step(.write, [10]), step(.end)]
            let changed: [[UInt8]] = [step(.request), step(.change, [0, 20, 1]), step(.request), step(.pass)]
            let mixed: [[UInt8]] = [[kind], step(.pass), step(.inject, records[0]), step(.pass)]
            let alone: [[UInt8]] = [[kind], step(.cut, [5]), step(.inject, records[1])]
            for steps in [asked, written, changed] { seeds.append(Array((handshake + steps).joined())) }
            for steps in [mixed, alone] { seeds.append(Array(steps.joined())) }
        }
        return seeds
    }

    /// Records of every type, right and wrong: alerts, a change of ciphers, heartbeats, lengths beyond the limit, a hello.
    private static let records: [[UInt8]] = [
        [21, 3, 3, 0, 2, 1, 0],
        hello,
        [20, 3, 3, 0, 1, 1], [21, 3, 3, 0, 2, 2, 40], [24, 3, 2, 0, 3, 1, 0x40, 0], [23, 3, 3, 0x40, 0],
        [23, 3, 3, 0x41, 1], [22, 3, 3, 0xFF, 0xFF], [22, 3, 3, 0, 4, 0, 0, 0, 0], [22, 3, 3, 0, 4, 24, 0, 0, 1, 0],
        [0x80, 0x2E, 1, 3, 1], [0, 0, 0, 2, 2, 0x68, 0x32], [0x68, 0x74, 0x74, 0x70, 0x2F, 0x31, 0x2E, 0x31],
        [0, 43, 0, 3, 2, 3, 4],
    ]

    /// A client's hello without extensions, over TLS 1.2.
    private static var hello: [UInt8] {
        let start: [UInt8] = [22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3]
        let end: [UInt8] = [0, 0, 4, 0xC0, 0x2B, 0xC0, 0x2F, 1, 0]
        return start + [UInt8](repeating: 7, count: 32) + end
    }

    /// With the lengths of injected records, and of a handshake's message in them, as they have to be.
    private static func repaired(_ input: [UInt8]) -> [UInt8] {
        var input = input
        var position = 1
        while position + 2 <= input.count {
            let start = position + 2
            let end = min(start + Int(input[position + 1]), input.count)
            if input[position] == Action.inject.rawValue, end - start >= 5 {
                input[start] = 20 + input[start] % 4
                (input[start + 3], input[start + 4]) = (0, UInt8(end - start - 5))
                if input[start] == 22, end - start >= 9 {
                    (input[start + 6], input[start + 7], input[start + 8]) = (0, 0, UInt8(end - start - 9))
                }
            }
            position = end
        }
        return input
    }
}
