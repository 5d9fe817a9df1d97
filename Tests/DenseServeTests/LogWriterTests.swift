import Glibc
import Logging
import Testing
import dense_serve

@Suite("LogWriter")
struct LogWriterTests {
    @Test("lines arrive in order, and flush waits for them")
    func order() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, droppedLine: { _ in [] })
        for number in 0..<100 { writer.write(Array("\(number)\n".utf8)) }
        writer.flush()
        #expect(pipe.readAvailable() == (0..<100).map { "\($0)\n" }.joined())
    }

    @Test("lines over the limit are dropped, counted and told of")
    func limit() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, limit: 10, droppedLine: { Array("dropped \($0)\n".utf8) })
        // One call, so that the queue cannot empty the buffer between two of them.
        writer.write(Array("12345678901\n".utf8))
        #expect(writer.droppedLines == 1)
        writer.flush()
        #expect(pipe.readAvailable() == "dropped 1\n")
    }

    @Test("the handler merges metadata, keeps numbers, and leaves out what is below its level")
    func handler() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, droppedLine: { _ in [] })
        var logger = Logger(label: "test") { _ in LineLogHandler(format: .json, level: .notice, writer: writer) }
        logger[metadataKey: "a"] = "1"
        logger[metadataKey: "b"] = "1"
        logger.info("unheard")
        logger.warning("heard", metadata: ["b": .stringConvertible(2), "c": ["x", "y"]])
        writer.flush()
        let text = pipe.readAvailable()
        #expect(text.hasSuffix(#","level":"warning","message":"heard","a":"1","b":2,"c":"[\"x\", \"y\"]"}"# + "\n"))
        #expect(text.split(separator: "\n").count == 1)
    }
}

/// A pipe of this process, closed with its last reference.
final class Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        let status = unsafe pipe(&ends)
        try #require(status == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
        // So that neither a child process nor a read of the empty pipe waits for ever.
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// What was written and not yet read.
    func readAvailable() -> String {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(readEnd, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += buffer[..<count]
        }
    }
}
