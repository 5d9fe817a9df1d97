import Dispatch
import Locks

/// Clients that send requests without a pause, half of them on connections that live on, and note every one that fails.
final class SteadyClients: Sendable {
    private struct State {
        var answers = 0
        var failures: [String] = []
        var isOver = false
    }

    private let state = Lock(State())
    private let running = DispatchGroup()

    init(_ address: String, count: Int, body: String) {
        for number in 0..<count {
            DispatchQueue(label: "client \(number)").async(group: running) { [self] in
                run(address, keepsAlive: number.isMultiple(of: 2), body: body)
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

    private func run(_ address: String, keepsAlive: Bool, body: String) {
        let request =
            "POST /dense HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n"
            + (keepsAlive ? "" : "Connection: close\r\n") + "\r\n" + body
        var client: RawClient?
        while !state.withLock({ $0.isOver }) {
            do {
                let connection = try client ?? RawClient(address)
                try connection.send(request)
                let head = try connection.receive(through: "\r\n\r\n")
                _ = try connection.receive(through: "}")
                client = head.contains("Connection: close") ? nil : connection
                state.withLock { state in
                    if head.hasPrefix("HTTP/1.1 200") { state.answers += 1 } else { state.failures.append(head) }
                }
            } catch {
                client = nil
                state.withLock { $0.failures.append("\(error)") }
            }
        }
    }
}
