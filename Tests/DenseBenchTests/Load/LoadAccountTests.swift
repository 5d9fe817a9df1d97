import Testing
import dense_bench

@Suite("What a load counts")
struct LoadAccountTests {
    private func account(isOpenLoop: Bool) throws -> LoadAccount {
        let address = try LoadAddress(url: "http://localhost")
        let request = LoadRequest("GET", "/", at: address, headers: [], body: [])
        return LoadAccount(start: 1000, isOpenLoop: isOpenLoop, request: request)
    }

    @Test("a closed loop counts what is answered after the warm-up and before the end")
    func closedLoop() throws {
        var account = try account(isOpenLoop: false)
        account.answer(to: RequestTimes(due: 900, sent: 900), status: 200, at: 999)
        account.answer(to: RequestTimes(due: 990, sent: 990), status: 200, at: 1000)
        account.answer(to: RequestTimes(due: 1000, sent: 1000), status: 404, at: 1010)
        account.received(7, at: 999)
        account.received(8, at: 1000)
        account.isClosing = true
        account.answer(to: RequestTimes(due: 1990, sent: 1990), status: 200, at: 2001)
        account.received(9, at: 2001)
        #expect(account.tally.answers == 1 && account.tally.latency.count == 1)
        #expect(account.tally.statuses == [404: 1] && account.tally.bytesReceived == 8)
    }

    @Test("an open loop's latency is from when a request was due, of all that were due in time, however late")
    func openLoop() throws {
        var account = try account(isOpenLoop: true)
        account.answer(to: RequestTimes(due: 999, sent: 1200), status: 200, at: 1250)
        account.answer(to: RequestTimes(due: 1000, sent: 1200), status: 200, at: 1260)
        account.isClosing = true
        account.answer(to: RequestTimes(due: 1100, sent: 1200), status: 200, at: 2100)
        account.unsent(due: 1500, at: 2100)
        account.unsent(due: 900, at: 2100)
        let tally = account.tally
        #expect(tally.answers == 2 && tally.latency.count == 3 && tally.service.count == 2)
        #expect(tally.latency.percentile(1) == 260 && tally.latency.maximum == 1000)
        #expect(tally.service.maximum == 900)
        #expect(tally.unsent == 1 && tally.errors == 1)
    }

    @Test("errors count after the warm-up, each of its kind, and add up over threads")
    func errors() throws {
        var account = try account(isOpenLoop: false)
        for time in [999, 1000] {
            account.refused(at: time)
            account.lost(2, at: time)
            account.timedOut(3, at: time)
            account.unasked(status: 503, at: time)
        }
        var tally = account.tally
        tally.merge(account.tally)
        #expect(tally.connectFailures == 2 && tally.readFailures == 4 && tally.timeouts == 6)
        #expect(tally.statuses == [503: 2] && tally.errors == 14)
        #expect(tally.errorText == "2 of status 503, 2 connections refused, 4 lost with their connection, 6 timed out")
    }
}
