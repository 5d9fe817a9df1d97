import Logging
import Testing
import dense_serve

@Suite("The memory that is promised")
struct MemoryLimitTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("settings that fit stay as they are")
    func fits() {
        let settings = ServerSettings()
        #expect(settings.bounded(byMemory: 16 << 30, logger) == settings)
    }

    @Test("half of what there is goes to models, a quarter to what moves, a quarter to what waits")
    func bounded() {
        var settings = ServerSettings()
        settings.maxQueueBytes = 1 << 20
        let bounded = settings.bounded(byMemory: 1 << 30, logger)
        #expect(bounded.maxModelBytes == 1 << 29)
        #expect(bounded.maxBufferBytes == 1 << 28)
        #expect(bounded.maxQueueBytes == 1 << 20, "what is set lower stays so")
    }

    @Test("there is some memory, and no more than the machine has")
    func available() {
        #expect((1 << 20...1 << 46).contains(MemoryLimit.available()))
    }
}
