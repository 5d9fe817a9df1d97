internal import ContentCoding
internal import Glibc
internal import Synchronization

/// A long time of mixed traffic, good and bad, over both protocols, and what it did to the server.
package struct SoakRun: Sendable {
    package let address: LoadAddress
    /// The same server's HTTPS; nil to leave that out.
    package var secureAddress: LoadAddress?
    /// Connections a second that are made and reset at once.
    package var resetsPerSecond = 0.0
    /// Seconds of traffic.
    package var seconds = 600.0
    /// Seconds between two looks at the server.
    package var interval = 60.0
    /// Honest visits a second, of all clients together.
    package var rate = 200.0
    /// What memory may grow by between the first fifth and the end.
    package var allowedBytes = 64 << 20
    /// The server's process; nil looks for the one that listens.
    package var process: Int?

    package init(address: LoadAddress) { self.address = address }

    /// Seconds that a client waits for an answer.
    private static let patience = 60
    /// Seconds that the server has for letting go of what the traffic has left.
    private static let settling = 30

    /// Does it.
    ///
    /// - Parameter show: gets lines for people while it runs.
    /// - Returns: what is wrong with the server; nothing when all went well.
    /// - Throws: `LoadError` when the server cannot be driven at all.
    package func run(show: (String) -> Void) throws -> [String] {
        guard let process = process ?? ListeningProcesses.find(port: address.port).first else {
            throw LoadError.noProcess(0)
        }
        let client = try LoadClient(address, timeout: Self.patience)
        let tally = SoakTally()
        let visitors = try visitors(SoakPlace(address: address, client: client))
        let start = LoadClock.now
        func sample() -> SoakSample {
            SoakSample(
                second: Double(LoadClock.now - start) / 1e9, process: process, client: client, address: address,
                counts: tally.current)
        }
        var samples = [sample()]
        show(TextTable.line(SoakSample.title, widths: Self.widths))
        show(TextTable.line(samples[0].cells, widths: Self.widths))
        let isOver = Flag()
        let threads = try visitors.map { visitor in
            nonisolated(unsafe) let visitor = visitor
            return try LoadThread {
                while !isOver.value {
                    unsafe visitor.visit(tally)
                    if unsafe visitor.pause > 0 { usleep(UInt32(unsafe visitor.pause)) }
                }
            }
        }
        var next = min(interval, seconds / 5)
        while samples.last.map({ $0.second < seconds }) ?? false {
            let rest = min(Double(start) / 1e9 + next, Double(start) / 1e9 + seconds) - Double(LoadClock.now) / 1e9
            if rest > 0 { usleep(UInt32(rest * 1e6)) }
            samples.append(sample())
            show(TextTable.line(samples[samples.count - 1].cells, widths: Self.widths))
            next += min(interval, seconds / 5)
            if kill(pid_t(process), 0) != 0 { break }
        }
        isOver.set()
        for thread in threads { thread.join() }
        for visitor in visitors { visitor.leave() }
        let last = settle(samples[0].descriptors, sample)
        show(TextTable.line(last.cells, widths: Self.widths))
        return faults(samples, last)
    }

    private static let widths = SoakSample.title.map { -max($0.count, 9) }

    /// Waits until the server has closed what the clients left.
    private func settle(_ descriptors: Int, _ sample: () -> SoakSample) -> SoakSample {
        for _ in 0..<(Self.settling * 10) {
            let now = sample()
            if now.descriptors <= descriptors + 2, now.queuedBytes ?? 0 == 0 { return now }
            usleep(100_000)
        }
        return sample()
    }

    private func faults(_ samples: [SoakSample], _ last: SoakSample) -> [String] {
        var faults: [String] = []
        let counts = last.counts
        if counts.failures > 0 {
            faults.append("\(counts.failures) answers were wrong or missing; the first: \(counts.firstFailure ?? "")")
        }
        if counts.right == 0 { faults.append("no answer was right") }
        if last.residentBytes == 0 { faults.append("the server is gone") }
        // The caches fill in the first fifth.
        let reference = samples.filter { $0.second >= seconds / 5 }.first?.residentBytes ?? samples[0].residentBytes
        if last.residentBytes > reference + allowedBytes {
            faults.append(
                "memory grew from \(LoadReport.megabytes(reference)) MB to \(LoadReport.megabytes(last.residentBytes)) MB"
            )
        }
        if last.descriptors > samples[0].descriptors + 2 {
            faults.append("descriptors grew from \(samples[0].descriptors) to \(last.descriptors)")
        }
        if let first = samples[0].models, let models = last.models, models > first + 1 {
            faults.append("models grew from \(first) to \(models)")
        }
        return faults
    }

    /// All clients, with the models they need put into the server.
    private func visitors(_ place: SoakPlace) throws -> [any SoakVisitor] {
        // Six kinds of honest clients, for each address.
        let pause = Int(6e6 / rate) * (secureAddress == nil ? 1 : 2)
        var visitors = try visitors(place, pause: pause)
        if let secureAddress {
            let client = try LoadClient(secureAddress, timeout: Self.patience)
            let secure = SoakPlace(address: secureAddress, client: client)
            visitors += try self.visitors(secure, pause: pause) + [HandshakeVisitor(secure, pause: 2 * pause)]
        }
        if resetsPerSecond > 0 { visitors.append(ResetVisitor(place, rate: resetsPerSecond)) }
        return visitors
    }

    private func visitors(_ place: SoakPlace, pause: Int) throws -> [any SoakVisitor] {
        let address = place.address
        let models = try [LoadShape.a, .b, .d].map { try LoadModel($0) }
        for model in models {
            let request = try LoadRequest(registering: model, at: address)
            let (status, body) = try place.client.send(request)
            guard (200..<300).contains(status) else {
                throw LoadError.refused(
                    request: request.name, status: status, text: String(decoding: body.prefix(300), as: UTF8.self))
            }
        }
        let requests = TensorFormat.allCases.flatMap { format in
            models.map { LoadRequest($0, as: format, at: address) }
        }
        let compressed = models.map { model in
            let body = model.body(as: .json)
            let coded = ContentEncoder.encode(body, .gzip)
            return LoadRequest(
                "POST", "/dense", at: address,
                headers: [("Content-Type", "application/json"), ("Accept-Encoding", "gzip")]
                    + (coded == nil ? [] : [("Content-Encoding", "gzip")]),
                body: coded ?? body,
                check: AnswerCheck(expected: model.output, format: .json, strictness: .exact))
        }
        return [
            HonestVisitor("HTTP/1.1", place, requests, requestsPerConnection: 100, pause: pause),
            HonestVisitor("HTTP/1.1, other order", place, requests.reversed(), requestsPerConnection: 7, pause: pause),
            HonestVisitor("a connection each", place, requests, requestsPerConnection: 1, pause: pause),
            HonestVisitor(
                "gzip", place, compressed, requestsPerConnection: 50, pause: pause, decode: Self.decompressed),
            HonestHTTP2Visitor(place, models, pause: pause), try RegisteringVisitor(place, models[0], pause: pause),
            RudeVisitor(place, requests, pause: 2 * pause), VanishingVisitor(place, requests, pause: 2 * pause),
            SlowVisitor(place, requests), SlowVisitor(place, requests.reversed()),
        ]
    }

    /// Small answers come as they are.
    private static func decompressed(_ body: [UInt8]) -> [UInt8]? {
        guard body.starts(with: [0x1F, 0x8B]) else { return body }
        return try? ContentDecoder.decode(body, [.gzip], limit: 1 << 26)
    }

    private final class Flag: Sendable {
        private let isSet = Atomic<Bool>(false)

        var value: Bool { isSet.load(ordering: .relaxed) }

        func set() { isSet.store(true, ordering: .relaxed) }
    }
}
