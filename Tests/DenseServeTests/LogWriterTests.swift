import DenseService
import Dispatch
import Glibc
import Locks
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
        writer.flush(timeout: 60_000)
        #expect(pipe.readToEnd() == (0..<100).map { "\($0)\n" }.joined())
    }

    @Test("lines of several threads arrive in the order they were written in")
    func orderOfThreads() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, droppedLine: { _ in [] })
        let turns = (0..<4).map { _ in DispatchSemaphore(value: 0) }
        let written = DispatchGroup()
        for thread in 0..<4 {
            DispatchQueue(label: "writer \(thread)").async(group: written) {
                for round in 0..<25 {
                    turns[thread].wait()
                    writer.write(Array("\(4 * round + thread)\n".utf8))
                    turns[(thread + 1) % 4].signal()
                }
            }
        }
        turns[0].signal()
        written.wait()
        writer.flush(timeout: 60_000)
        #expect(pipe.readToEnd() == (0..<100).map { "\($0)\n" }.joined())
    }

    @Test("lines over the limit are dropped, counted and told of")
    func limit() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, limit: 10, droppedLine: { Array("dropped \($0)\n".utf8) })
        // One call, so that the queue cannot empty the buffer between two of them.
        writer.write(Array("12345678901\n".utf8))
        #expect(writer.droppedLines == 1)
        writer.flush(timeout: 60_000)
        #expect(pipe.readToEnd() == "dropped 1\n")
    }

    @Test("lines that the disk has no room for are counted, and told of when it has")
    func fullDisk() throws {
        let pipe = try Pipe()
        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let place = fcntl(full, F_DUPFD_CLOEXEC, 3)
        let writer = LogWriter(descriptor: place, droppedLine: { Array("dropped \($0)\n".utf8) })
        writer.write(Array("a\n".utf8))
        writer.write(Array("b\n".utf8))
        writer.flush(timeout: 60_000)
        #expect(writer.droppedLines == 2)
        dup2(pipe.writeEnd, place)
        writer.write(Array("c\n".utf8))
        writer.flush(timeout: 60_000)
        close(place)
        #expect(pipe.readToEnd() == "c\ndropped 2\n")
    }

    @Test("a pipe that does not block is waited for")
    func nonBlocking() throws {
        let pipe = try Pipe()
        _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
        let line = Array((String(repeating: "x", count: 200_000) + "\n").utf8)
        let reader = DispatchQueue(label: "reader")
        let received = Lock<[UInt8]>([])
        let isDone = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let source = pipe
        reader.async {
            while received.withLock({ $0.count }) < line.count, let bytes = unsafe source.waitAndRead() {
                received.withLock { $0 += bytes }
            }
            isDone.signal()
        }
        #expect(StandardStream.write(line, to: pipe.writeEnd))
        isDone.wait()
        #expect(received.withLock { $0 } == line)
    }

    @Test("the handler merges metadata, keeps numbers, and leaves out what is below its level")
    func handler() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, droppedLine: { _ in [] })
        var logger = Logger(label: "test") { _ in
            LineLogHandler(format: .json, level: LogControl(.notice), writer: writer)
        }
        logger[metadataKey: "a"] = "1"
        logger[metadataKey: "b"] = "1"
        logger.info("unheard")
        logger.warning("heard", metadata: ["b": .stringConvertible(2), "c": ["x", "y"]])
        writer.flush(timeout: 60_000)
        let text = pipe.readToEnd()
        #expect(text.hasSuffix(#","level":"warning","message":"heard","a":"1","b":2,"c":"[\"x\", \"y\"]"}"# + "\n"))
        #expect(text.split(separator: "\n").count == 1)
    }
}
