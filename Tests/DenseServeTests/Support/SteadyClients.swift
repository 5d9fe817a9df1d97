import Dispatch
import Locks
import dense_bench

/// Clients that send requests without a pause, and note every one that fails: for each address one over HTTP/1.1 on a connection
/// that lives on, one with a connection for each request, and one over HTTP/2.
final class SteadyClients: Sendable {
    private enum Kind: CaseIterable { case keepsAlive, closes, http2 }

    private struct State {
        var answers = 0
        var failures: [String] = []
        var isOver = false
    }

    private let state = Lock(State())
    private let running = DispatchGroup()

    /// - Parameter addresses: as the server printed them.
    init(_ addresses: [String], body: String) throws {
        for address in addresses {
            let address = try LoadAddress(url: address, allowsHTTPS: true)
            let client = try LoadClient(address, timeout: 60)
            for kind in Kind.allCases {
                DispatchQueue(label: "\(kind) \(address)").async(group: running) { [self] in
                    if kind == .http2 {
                        runHTTP2(client, address, Array(body.utf8))
                    } else {
                        run(client, keepsAlive: kind == .keepsAlive, body)
                    }
                }
            }
        }
    }

    /// Waits for so many more answers; false when none come for a minute.
    func waitForAnswers(_ count: Int) -> Bool {
        let wanted = state.withLock { $0.answers } + count
        let end = DispatchTime.now() + .seconds(60)
        while DispatchTime.now() < end {
            if state.withLock({ $0.answers >= wanted || !$0.failures.isEmpty }) { return true }
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(1))
        }
        return false
    }

    /// Ends them. Returns what went wrong.
    func stop() -> [String] {
        state.withLock { $0.isOver = true }
        running.wait()
        return state.withLock { $0.failures }
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func answered(_ count: Int) { state.withLock { $0.answers += count } }

    private func failed(_ reason: String) { state.withLock { $0.failures.append(reason) } }

    private func run(_ client: LoadClient, keepsAlive: Bool, _ body: String) {
        let request = Array(
            ("POST /dense HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n"
                + (keepsAlive ? "" : "Connection: close\r\n") + "\r\n" + body).utf8)
        var kept: BlockingConnection?
        while !isOver {
            do throws(LoadError) {
                let connection = if let kept { kept } else { try client.connect() }
                kept = nil
                connection.send(request)
                let (status, _, closes) = try connection.response()
                kept = closes ? nil : connection
                if status == 200 { answered(1) } else { failed("status \(status)") }
            } catch {
                failed("\(error)")
            }
        }
    }

    private func runHTTP2(_ client: LoadClient, _ address: LoadAddress, _ body: [UInt8]) {
        let request = HTTP2Client.Request(target: "/dense", body: body)
        var kept: HTTP2Client?
        while !isOver {
            do {
                let connection =
                    if let kept { kept } else { HTTP2Client(try client.connect(protocols: ["h2"]), address) }
                kept = nil
                answered(try connection.exchange([request, request, request]).count)
                kept = connection.isEnding ? nil : connection
            } catch HTTP2Client.Failure.notProcessed {
                // The server has said so, and another one is at the port.
            } catch {
                failed("\(error)")
            }
        }
    }
}
