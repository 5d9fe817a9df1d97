import FoundationEssentials
import Testing
import dense_bench

@Suite("Measuring a start")
struct StartMeasurementTests {
    @Test("a server is started, asked and ended, each time")
    func starts() throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(filePath: tests).deletingLastPathComponent().appending(path: "dense-serve").path
        let command = [program, "serve", "--port", "{port}", "--models", "", "--log-level", "error"]
        let result = try measurement(command, path: "/health/ready").run(times: 2)
        #expect(result.seconds.count == 2 && result.seconds.allSatisfy { $0 > 0 })
        #expect(result.best <= result.median && result.median <= result.worst)
        #expect(result.idleBytes > 1 << 20 && result.processes == 1)
        #expect(result.text(server: "mine").contains("\nmine  "))
    }

    @Test("a program that ends, one that does not exist, and one that does not answer are told apart")
    func failures() {
        #expect {
            try measurement(["false"]).run(times: 1)
        } throws: {
            "\($0)" == "false did not start: it ended before it answered; run it by itself to see why."
        }
        #expect {
            try measurement(["/no/such/program"]).run(times: 1)
        } throws: {
            "\($0)" == "/no/such/program did not start: No such file or directory."
        }
        #expect {
            try measurement(["sleep", "1000"], timeout: 0.1).run(times: 1)
        } throws: {
            "\($0)".hasPrefix("sleep did not start: no 200 to GET / at port ")
        }
    }

    private func measurement(_ command: [String], path: String = "/", timeout: Double = 60) -> StartMeasurement {
        StartMeasurement(command: command, port: nil, path: path, timeout: timeout)
    }
}
