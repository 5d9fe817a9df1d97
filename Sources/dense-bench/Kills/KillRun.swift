internal import FoundationEssentials
internal import Glibc
internal import Locks

/// Starts, kills and starts again, with clients that remember what they were told.
struct KillRun {
    private let program: String
    private let folder: String
    private let within: Int
    private var clients: [KillClient]
    private var kills = 0

    init(program: String, folder: String?, clients: Int, within: Int) throws(LoadError) {
        self.program = program
        self.folder = folder ?? "/tmp/dense-bench-kills-\(getpid())"
        self.within = within
        self.clients = (0..<clients).map { KillClient(number: $0) }
    }

    var summary: String {
        let changes = clients.reduce(0) { $0 + $1.acknowledged }
        let versions = clients.reduce(0) { $0 + $1.checked }
        return "\(kills) kills, \(changes) changes acknowledged, \(versions) versions compared"
    }

    /// Returns what was wrong.
    mutating func run(kills count: Int, progress: (String) -> Void) throws(LoadError) -> [String] {
        for number in 1...count {
            progress("kill \(number) of \(count)")
            let faults = try runOnce()
            guard faults.isEmpty else { return faults + ["the data folder is \(folder)"] }
            kills += 1
        }
        // Once more, to look at what the last kill left.
        let server = try start()
        defer { server.program.end() }
        let faults = check(server.address)
        if faults.isEmpty { try? FileManager.default.removeItem(atPath: folder) }
        return faults
    }

    private mutating func runOnce() throws(LoadError) -> [String] {
        let server = try start()
        defer { server.program.kill() }
        let faults = check(server.address)
        guard faults.isEmpty else { return faults }
        let (address, socketAddress) = (server.address, try server.address.resolve())
        var threads: [LoadThread] = []
        let results = clients.map(ClientBox.init)
        for box in results {
            let thread = try LoadThread {
                var client = box.client.withLock { $0 }
                client.work(LoadClient(address, socketAddress, timeout: 30), address)
                box.client.withLock { $0 = client }
            }
            threads.append(thread)
        }
        usleep(UInt32.random(in: 1_000...UInt32(within * 1_000)))
        server.program.kill()
        for thread in threads { thread.join() }
        clients = results.map { $0.client.withLock { $0 } }
        return []
    }

    private mutating func check(_ address: LoadAddress) -> [String] {
        var faults: [String] = []
        for index in clients.indices {
            do throws(LoadError) {
                let client = LoadClient(address, try address.resolve(), timeout: 30)
                faults += try clients[index].check(client, address)
            } catch { faults.append(error.description) }
        }
        return faults
    }

    private func start() throws(LoadError) -> (program: ServerProgram, address: LoadAddress) {
        let port = try StartMeasurement.freePort()
        let address = try LoadAddress(url: "http://127.0.0.1:\(port)")
        let client = LoadClient(address, try address.resolve(), timeout: 30)
        let ready = LoadRequest("GET", "/health/ready", at: address, headers: [], body: [])
        let program = try ServerProgram([
            self.program, "serve", "--port", String(port), "--models=", "--data", folder, "--access-log", "false",
        ])
        let deadline = LoadClock.now + 60_000_000_000
        while true {
            if let answer = try? client.send(ready), answer.status == 200 { return (program, address) }
            try program.checkRunning()
            guard LoadClock.now < deadline else {
                throw .notStarted(program: self.program, reason: "it was not ready within a minute")
            }
            usleep(1_000)
        }
    }
}

/// A client for a thread to use and give back.
private final class ClientBox: Sendable {
    let client: Lock<KillClient>

    init(_ client: KillClient) { self.client = Lock(client) }
}
