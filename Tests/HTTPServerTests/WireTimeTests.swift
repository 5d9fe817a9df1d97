import HTTPServer
import Testing

/// A client of HTTP/1.1 without a socket, and a clock in its hand.
private final class Client {
    let conversation: WireConversation

    init(_ change: (inout ServerConfiguration) -> Void) {
        var configuration = ServerConfiguration()
        change(&configuration)
        conversation = WireConversation(
            configuration: configuration,
            handler: TestHandler(handle: { $1.respond(.echo($0)) }, admit: { _, _ in .welcome }))
    }

    func send(_ text: String) -> String { String(decoding: conversation.receive(Array(text.utf8)), as: UTF8.self) }

    func wait(_ milliseconds: Int) -> String {
        String(decoding: conversation.advance(milliseconds: milliseconds), as: UTF8.self)
    }
}

@Suite("The time that clients have")
struct WireTimeTests {
    @Test("a connection without a request is closed in time, one with a request has its time anew")
    func idle() {
        let client = Client { $0.idleTimeout = 1000 }
        _ = client.wait(999)
        #expect(!client.conversation.isFinished)
        #expect(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        _ = client.wait(999)
        #expect(!client.conversation.isFinished)
        #expect(client.wait(1).isEmpty)
        #expect(client.conversation.isFinished)
    }

    @Test("a head has its time from the first byte on, however steadily the others come")
    func head() {
        let client = Client { $0.headTimeout = 1000 }
        for byte in "GET / HTTP" {
            #expect(client.send(String(byte)).isEmpty)
            #expect(client.wait(99).isEmpty)
        }
        #expect(client.send("/").isEmpty)
        let answer = client.wait(10)
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(client.conversation.isFinished)
    }

    @Test("a body renews its time with as many bytes as its rate asks for")
    func body() {
        let client = Client {
            $0.bodyTimeout = 1000
            $0.minBodyRate = 500
        }
        #expect(client.send(Self.start).isEmpty)
        for _ in 0..<10 {
            #expect(client.send(String(repeating: "x", count: 500)).isEmpty)
            #expect(client.wait(999).isEmpty)
        }
        #expect(client.send(String(repeating: "x", count: 499)).isEmpty)
        let answer = client.wait(1)
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
        #expect(answer.contains("(min_body_rate) every 1000 ms, received less."))
        #expect(client.conversation.isFinished)
    }

    @Test("a body renews its time with every byte where there is no rate, and chunk sizes are none of it")
    func bodyWithoutRate() {
        let client = Client {
            $0.bodyTimeout = 1000
            $0.minBodyRate = 0
        }
        #expect(client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").isEmpty)
        for _ in 0..<10 {
            #expect(client.send("1\r\nx\r\n").isEmpty)
            #expect(client.wait(999).isEmpty)
        }
        for byte in "0000" {
            #expect(client.send(String(byte)).isEmpty)
            _ = client.wait(250)
        }
        #expect(client.conversation.isFinished)
    }

    @Test("a request that is worked on has all the time it needs")
    func answer() {
        let held = Held()
        var configuration = ServerConfiguration()
        configuration.idleTimeout = 1000
        let conversation = WireConversation(
            configuration: configuration,
            handler: TestHandler(handle: { _, responder in held.hold(responder) }, admit: { _, _ in .welcome }))
        _ = conversation.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = conversation.advance(milliseconds: 1_000_000)
        #expect(!conversation.isFinished)
        held.release(HTTPResponse(.ok))
        #expect(!conversation.sendLateAnswers().isEmpty)
    }

    @Test("an answer has to be taken as fast as its rate asks for, in every stretch")
    func sending() {
        var configuration = ServerConfiguration()
        configuration.sendTimeout = 1000
        configuration.minSendRate = 500
        var time = SendTime(configuration)
        #expect(time.deadline == .max)
        // Something of earlier answers may still be with the kernel.
        time.begin(taken: -300, now: 5)
        #expect(time.deadline == 1_000_000_005)
        let isFastEnough = time.goOn(taken: 200, now: 1_000_000_005)
        #expect(isFastEnough)
        #expect(time.deadline == 2_000_000_005)
        let isFaster = time.goOn(taken: 5000, now: 2_000_000_005)
        #expect(isFaster)
        // What was taken earlier buys no time.
        let isTooSlow = !time.goOn(taken: 5499, now: 3_000_000_005)
        #expect(isTooSlow)
        configuration.minSendRate = 0
        time = SendTime(configuration)
        time.begin(taken: 0, now: 0)
        let goesOn = [time.goOn(taken: 1, now: 1_000_000_000), time.goOn(taken: 1, now: 2_000_000_000)]
        #expect(goesOn == [true, false])
    }

    private static let start = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
}
