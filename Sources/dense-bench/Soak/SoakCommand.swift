import ArgumentParser

/// `dense-bench soak`: whether a server is after hours what it was at the start.
struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Drives a running server with good and bad traffic for a long time and watches it.",
        discussion: """
            Honest clients send the models A, B and D in every format over HTTP/1.1, with and without gzip, on long and \
            on short connections, and over HTTP/2 on several streams at once; every answer is compared with the engine's \
            own, bit for bit. Meanwhile models are registered, called and deleted, malformed and spoiled requests are \
            sent in both protocols, clients go away at every stage, and some send or read a byte at a time. With --tls \
            as many do the same over HTTPS, and break handshakes.

            A line tells now and then what the server's process has: memory, descriptors, threads, open connections. \
            Exits with 1 when an answer was wrong or missing, when a malformed request was taken, or when at the end \
            there is more memory than --allow-mb above that of the first fifth, a descriptor or a model too many. A 503 \
            is an answer.
            """)

    @Argument(help: "http://HOST[:PORT][/PATH]")
    var url: String

    @Option(
        help: ArgumentHelp("The same server's https://HOST[:PORT][/PATH], for half of the clients.", valueName: "url"))
    var tls: String?

    @Option(help: "Connections a second that are made and reset at once.")
    var resets = 0.0

    @Option(help: "How long: 90s, 10m, 2h.")
    var duration = "10m"

    @Option(help: "Honest visits a second; the bad ones are a third of that.")
    var rate = 200.0

    @Option(help: "Seconds between two lines.")
    var interval = 60.0

    @Option(name: .customLong("allow-mb"), help: "Megabytes the server's memory may grow by.")
    var allowedMegabytes = 64

    @Option(help: "The server's process; found by its port unless given.")
    var pid: Int?

    func validate() throws {
        guard Self.seconds(duration) != nil else {
            throw ValidationError(
                "--duration is out of range. Expected 1s to 1000h, as in 90s, 10m, 2h, received \(duration).")
        }
        guard (0.1...100_000).contains(rate) else {
            throw ValidationError("--rate is out of range. Expected 0.1 to 100000, received \(rate).")
        }
        guard (0...100_000).contains(resets) else {
            throw ValidationError("--resets is out of range. Expected 0 to 100000, received \(resets).")
        }
        guard (0.1...86_400).contains(interval) else {
            throw ValidationError("--interval is out of range. Expected 0.1 to 86400, received \(interval).")
        }
        guard (0...1_000_000).contains(allowedMegabytes) else {
            throw ValidationError("--allow-mb is out of range. Expected 0 to 1000000, received \(allowedMegabytes).")
        }
    }

    func run() throws {
        var soak = SoakRun(address: try LoadAddress(url: url))
        soak.seconds = Self.seconds(duration) ?? soak.seconds
        soak.rate = rate
        soak.resetsPerSecond = resets
        if let tls { soak.secureAddress = try LoadAddress(url: tls, allowsHTTPS: true) }
        soak.interval = interval
        soak.allowedBytes = allowedMegabytes * 1_000_000
        soak.process = pid
        let faults = try soak.run { print($0) }
        for fault in faults { print("fault: \(fault)") }
        guard faults.isEmpty else { throw ExitCode(1) }
        print("all is well")
    }

    /// `90s`, `10m`, `2h`, or seconds alone; nil for anything else.
    static func seconds(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? text[...] : text.dropLast()) else { return nil }
        let seconds = number * (unit ?? 1)
        return (1...3_600_000).contains(seconds) ? seconds : nil
    }
}
