internal import DenseEngine
internal import Glibc

/// Connects and resets, so many times a second, with nothing said or a part of a request.
final class ResetVisitor: SoakVisitor {
    let name = "resets"
    let pause = 1_000
    private let place: SoakPlace
    private let rate: Double
    private let starts: [[UInt8]] = [[], Array("G".utf8), Array("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".utf8)]
    private var begin: Int?
    private var count = 0

    /// - Parameter rate: connections a second.
    init(_ place: SoakPlace, rate: Double) {
        self.place = place
        self.rate = rate
    }

    /// As many as are due.
    func visit(_ tally: SoakTally) {
        let now = LoadClock.now
        let begin = begin ?? now
        self.begin = begin
        let due = Int(Double(now - begin) / 1e9 * rate)
        while count < due {
            count += 1
            tally.mischief()
            // One that is not let in is what a server may do to such a crowd.
            guard let connection = try? place.client.connect(protocols: []) else { continue }
            connection.send(starts[count % starts.count])
            connection.resetAtEnd()
        }
    }
}

/// Breaks handshakes of TLS: with clear text, with records that are none, with silence.
final class HandshakeVisitor: SoakVisitor {
    let name = "broken handshakes"
    let pause: Int
    private let place: SoakPlace
    private var random = PCG64(entropy: [13])

    init(_ place: SoakPlace, pause: Int) {
        self.place = place
        self.pause = pause
    }

    func visit(_ tally: SoakTally) {
        tally.mischief()
        let noise = (0..<draw(400)).map { _ in UInt8(draw(256)) }
        let bytes =
            switch draw(4) {
            case 0: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            case 1: [22, 3, 1, UInt8(noise.count >> 8), UInt8(noise.count & 255), 1, 0] + noise
            case 2: [21, 3, 3, 0, 2, UInt8(draw(4)), UInt8(draw(256))]
            default: noise
            }
        do throws(LoadError) {
            let connection = try place.client.connect(protocols: [])
            connection.send(bytes)
            if draw(2) == 0 { return connection.resetAtEnd() }
            connection.finishSending()
            while try !connection.receive().isEmpty {}
        } catch .unreachable(_, let reason) where reason == systemReason(ETIMEDOUT) {
            tally.failed(name, "no end to a broken handshake")
        } catch {
            // It may end with a reset.
        }
    }

    private func draw(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
}
