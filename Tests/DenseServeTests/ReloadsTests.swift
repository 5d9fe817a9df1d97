import Dispatch
import Locks
import Logging
import Testing
import dense_serve

@Suite("What is read again on SIGHUP")
struct ReloadsTests {
    private struct Broken: Error {}

    @Test("everything is read in order, and what fails hinders nothing behind it")
    func order() {
        let reloads = Reloads(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let read = Lock<[String]>([])
        let done = DispatchSemaphore(value: 0)
        reloads.add("first") {
            read.withLock { $0.append("first") }
            throw Broken()
        }
        reloads.add("second") {
            read.withLock { $0.append("second") }
            done.signal()
        }
        for _ in 0..<2 {
            reloads.run()
            #expect(done.wait(timeout: .now() + .seconds(60)) == .success)
        }
        #expect(read.withLock { $0 } == ["first", "second", "first", "second"])
    }
}
