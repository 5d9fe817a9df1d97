internal import DenseEngine
internal import Glibc

/// Sends what no server should take, and reads what it says to that.
final class RudeVisitor: SoakVisitor {
    let name = "malformed requests"
    let pause: Int
    private let place: SoakPlace
    /// Requests that are wrong for certain.
    private let wrong: [[UInt8]]
    /// Right ones, to be spoiled.
    private let right: [[UInt8]]
    private var random = PCG64(entropy: [11])

    init(_ place: SoakPlace, _ right: [LoadRequest], pause: Int) {
        self.place = place
        self.pause = pause
        self.right = right.map { Array($0.bytes.prefix(4096)) }
        let host = "Host: \(place.address.authority)\r\n"
        let post = "POST /dense HTTP/1.1\r\n\(host)"
        let texts = [
            "rubbish\r\n\r\n", "GET / HTTP/9.9\r\n\(host)\r\n", "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\n\(host)\(host)\r\n",
            "GET / HTTP/1.1\r\n\(host)A: \u{0}\r\n\r\n", "GET / HTTP/1.1\r\n\(host) folded: 1\r\n\r\n",
            "\(post)Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "\(post)Content-Length: 99999999999999999999\r\n\r\n", "\(post)Content-Length: 1000000000000\r\n\r\n",
            "\(post)Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "\(post)Content-Length: 4\r\n\r\n{\"a\"",
            "\(post)Content-Length: 30\r\n\r\n{\"input\": [[1, 2], [3]], \"a\":1}",
            "\(post)Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnot it.",
            "\(post)Content-Encoding: nonsense\r\nContent-Length: 2\r\n\r\n{}",
            "\(post)Content-Type: application/x-npy\r\nContent-Length: 6\r\n\r\n\u{93}NUMPY",
            "DELETE /models/nobody HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n",
            "GET /nowhere HTTP/1.1\r\n\(host)\r\n",
            "GET / HTTP/1.1\r\n\(host)Long: \(String(repeating: "x", count: 100_000))\r\n\r\n",
        ]
        wrong = texts.map { Array($0.utf8) }
    }

    func visit(_ tally: SoakTally) {
        let choice = draw(3)
        let isWrong = choice == 0
        let bytes =
            switch choice {
            case 0: wrong[draw(wrong.count)]
            case 1: spoiled(right[draw(right.count)])
            default: HTTP2Client.preface + (0..<draw(200)).map { _ in UInt8(draw(256)) }
            }
        tally.mischief()
        do throws(LoadError) {
            let connection = try place.client.connect(protocols: choice == 2 ? ["h2"] : ["http/1.1"])
            connection.send(bytes)
            connection.finishSending()
            if isWrong {
                let status = try connection.response().status
                if status < 400 { tally.failed(name, "status \(status) to a malformed request") }
            } else {
                while try !connection.receive().isEmpty {}
            }
        } catch .unreachable(_, let reason) where reason == systemReason(ETIMEDOUT) {
            tally.failed(name, "no answer and no end to a malformed request")
        } catch {
            // A connection that was closed before all was sent may end with a reset.
        }
    }

    /// With a few bytes changed.
    private func spoiled(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...draw(4) { bytes[draw(bytes.count)] = UInt8(draw(256)) }
        return Array(bytes.prefix(1 + draw(bytes.count)))
    }

    private func draw(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
}

/// Goes away at every stage of a request, with an end or with a reset.
final class VanishingVisitor: SoakVisitor {
    let name = "vanishing clients"
    let pause: Int
    private let place: SoakPlace
    private let starts: [[UInt8]]
    private var count = 0

    init(_ place: SoakPlace, _ requests: [LoadRequest], pause: Int) {
        self.place = place
        self.pause = pause
        var starts: [[UInt8]] = [[], Array("POST /de".utf8), HTTP2Client.preface]
        for request in requests {
            starts += [request.bytes, Array(request.bytes.dropLast(3)), Array(request.bytes.prefix(120))]
        }
        // Streams that are opened and reset, fewer than a flood.
        let get = HTTP2Client.Request(method: "GET", target: "/models")
        let streams = stride(from: UInt32(1), to: 41, by: 2).flatMap {
            HTTP2Client.frames(
                of: get, stream: $0, scheme: place.address.scheme, authority: place.address.authority)
                + HTTP2Client.reset(stream: $0)
        }
        self.starts = starts + [HTTP2Client.preface + streams]
    }

    func visit(_ tally: SoakTally) {
        count += 1
        tally.mischief()
        guard let connection = try? place.client.connect() else {
            return tally.failed(name, "no connection")
        }
        connection.send(starts[count % starts.count])
        if count.isMultiple(of: 2) { connection.resetAtEnd() }
    }
}

/// Sends or reads a byte at a time, until it is cut off or has had enough.
final class SlowVisitor: SoakVisitor {
    let name = "slow clients"
    let pause = 0
    private let place: SoakPlace
    private let requests: [[UInt8]]
    private var connection: BlockingConnection?
    private var position = 0
    private var count = 0

    init(_ place: SoakPlace, _ requests: [LoadRequest]) {
        self.place = place
        self.requests = requests.map(\.bytes)
    }

    func leave() { connection = nil }

    /// One byte: the visits of all kinds are short, so that the end is not waited for.
    func visit(_ tally: SoakTally) {
        usleep(100_000)
        if connection == nil || position > 150 {
            count += 1
            position = 0
            tally.mischief()
            connection = try? place.client.connect()
            // Every other one sends all at once and reads slowly.
            if count.isMultiple(of: 2) { connection?.send(requests[count % requests.count]) }
        }
        guard let connection else { return }
        defer { position += 1 }
        if count.isMultiple(of: 2) {
            if (try? connection.receiveByte()) ?? nil == nil { self.connection = nil }
        } else {
            let request = requests[count % requests.count]
            guard position < request.count, connection.send([request[position]]) else { return self.connection = nil }
        }
    }
}
