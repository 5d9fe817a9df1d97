internal import Glibc
internal import Locks

/// One load, from the first connection to the last answer.
package struct LoadRun: Sendable {
    private let name: String
    private let plan: LoadPlan
    private let request: LoadRequest
    private let address: LoadAddress
    private let processes: [Int]

    /// - Parameters:
    ///   - name: what it is called in the report.
    ///   - processes: the server's, whose usage is measured.
    package init(_ name: String, _ plan: LoadPlan, _ request: LoadRequest, at address: LoadAddress, processes: [Int]) {
        self.name = name
        self.plan = plan
        self.request = request
        self.address = address
        self.processes = processes
    }

    /// Drives the server. Ctrl-C ends it early, with what there is by then.
    ///
    /// - Parameter progress: called a few times a second with a line for people.
    /// - Returns: the result, and whether somebody interrupted.
    /// - Throws: `LoadError` when nothing could be measured at all.
    package func run(progress: (String) -> Void = { _ in }) throws(LoadError) -> (LoadResult, wasInterrupted: Bool) {
        let socketAddress = try address.resolve()
        let interruptions = Interruptions()
        let start = LoadClock.now + nanoseconds(plan.warmup)
        let control = LoadControl(start: start, end: start + nanoseconds(plan.seconds))
        let tallies = Lock([LoadTally]())
        var threads: [LoadThread] = []
        defer { for thread in threads { thread.join() } }
        for index in 0..<plan.threads {
            do throws(LoadError) {
                threads.append(
                    try LoadThread { [plan, request, address] in
                        var tally = LoadTally()
                        do throws(LoadError) {
                            tally = try LoadWorker(
                                plan, thread: index, request: request, address: address, socketAddress: socketAddress,
                                control: control
                            ).run()
                        } catch {
                            tally.failure = error
                            control.stop()
                        }
                        tallies.withLock { $0.append(tally) }
                        control.finish()
                    })
            } catch {
                control.stop()
                control.stop()
                throw error
            }
        }
        let watch = watch(control, interruptions, progress)
        for thread in threads { thread.join() }
        threads = []
        let tally = tallies.withLock { tallies in
            tallies.reduce(into: LoadTally()) { $0.merge($1) }
        }
        if let failure = tally.failure, tally.answers == 0 { throw failure }
        let result = LoadResult(
            name: name, plan: plan, tally: tally, seconds: max(Double(tally.end - start) / 1e9, 1e-9),
            processes: processes, before: watch.before.server, after: watch.after.server,
            ownProcessorSeconds: watch.after.own - watch.before.own)
        return (result, watch.wasInterrupted)
    }

    private struct Usage {
        let server: ProcessUsage
        let own: Double

        init(_ processes: [Int]) {
            server = ProcessUsage(of: processes)
            own = ProcessUsage.ownProcessorSeconds
        }
    }

    private static let tick = 100_000_000

    /// Waits until all threads are done, looks at what is used when counting begins and when it ends, and passes Ctrl-C on.
    private func watch(
        _ control: LoadControl, _ interruptions: Interruptions, _ progress: (String) -> Void
    ) -> (before: Usage, after: Usage, wasInterrupted: Bool) {
        var before: Usage?
        var after: Usage?
        var wasInterrupted = false
        while control.finished < plan.threads {
            let now = LoadClock.now
            if before == nil, now >= control.start { before = Usage(processes) }
            if after == nil, now >= control.end || control.isStopped { after = Usage(processes) }
            let next = before == nil ? control.start : after == nil ? control.end : Int.max
            progress(line(control, now))
            if interruptions.wait(nanoseconds: min(Self.tick, next - now)) {
                wasInterrupted = true
                control.stop()
            }
        }
        let last = after ?? Usage(processes)
        return (before ?? last, last, wasInterrupted)
    }

    /// `B json, 16 connections: 3.2 of 10 s, 9120 requests/s, 0 errors`
    private func line(_ control: LoadControl, _ now: Int) -> String {
        let counted = Double(now - control.start) / 1e9
        let load = "\(name), \(plan.connections) connections: "
        guard counted > 0 else { return load + "warming up" }
        let (answers, errors) = control.progress
        let rate = Double(answers) / min(counted, plan.seconds)
        return load + "\(min(counted, plan.seconds).fixed(1)) of \(plan.seconds.fixed(0)) s, "
            + "\(rate.fixed(rate < 100 ? 1 : 0)) requests/s, \(errors) errors"
    }
}
