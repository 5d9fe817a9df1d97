/// What a load came to.
package struct LoadResult: Sendable {
    /// What the server was driven with: a shape and a format, or a target.
    package let name: String
    package let plan: LoadPlan
    package let tally: LoadTally
    /// Seconds that counted.
    package let seconds: Double
    /// The server's processes; none when they are not known.
    package let processes: [Int]
    /// What they had used when counting began, and when it ended.
    package let before: ProcessUsage
    package let after: ProcessUsage
    /// Processor time of the generator itself while it counted, in seconds.
    package let ownProcessorSeconds: Double

    /// A result from its parts.
    package init(
        name: String, plan: LoadPlan, tally: LoadTally, seconds: Double, processes: [Int], before: ProcessUsage,
        after: ProcessUsage, ownProcessorSeconds: Double
    ) {
        self.name = name
        self.plan = plan
        self.tally = tally
        self.seconds = seconds
        self.processes = processes
        self.before = before
        self.after = after
        self.ownProcessorSeconds = ownProcessorSeconds
    }

    /// Answers of status 2xx a second.
    package var answersPerSecond: Double { Double(tally.answers) / seconds }

    /// Bytes to the server and from it, a second.
    package var bytesPerSecond: Double { Double(tally.bytesSent + tally.bytesReceived) / seconds }

    /// Processor time of the server for one answer, in seconds; `nil` when it is not known.
    package var processorSecondsPerAnswer: Double? {
        guard !processes.isEmpty, tally.answers > 0 else { return nil }
        return (after.processorSeconds - before.processorSeconds) / Double(tally.answers)
    }

    /// Cores that the server kept busy.
    package var processors: Double { (after.processorSeconds - before.processorSeconds) / seconds }

    /// Cores that the generator kept busy.
    package var ownProcessors: Double { ownProcessorSeconds / seconds }

    /// Whether the generator had hardly any time left, so that the figures may be its own limit.
    package var isLimitedByGenerator: Bool { ownProcessors > 0.95 * Double(plan.threads) }
}
