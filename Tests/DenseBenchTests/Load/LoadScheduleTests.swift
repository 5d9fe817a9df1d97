import Testing
import dense_bench

@Suite("The schedule of an open loop")
struct LoadScheduleTests {
    @Test("requests are due at even distances, whenever they are taken")
    func even() {
        var schedule = LoadSchedule(rate: 1000, start: 5_000_000)
        #expect(schedule.take(at: 4_999_999) == nil)
        #expect(schedule.take(at: 5_000_000) == 5_000_000)
        #expect(schedule.take(at: 5_999_999) == nil)
        // Late by four: all of them are still due at their own times.
        #expect((0..<4).map { _ in schedule.take(at: 9_500_000) } == [6_000_000, 7_000_000, 8_000_000, 9_000_000])
        #expect(schedule.take(at: 9_500_000) == nil && schedule.next == 10_000_000)
    }

    @Test("threads share one schedule, and together miss nothing")
    func threads() {
        var due: [Int] = []
        for thread in 0..<3 {
            var schedule = LoadSchedule(rate: 7, start: 0, thread: thread, of: 3)
            while let time = schedule.take(at: 2_999_999_999) { due.append(time) }
        }
        #expect(due.sorted() == (0..<21).map { Int(Double($0) * 1e9 / 7) })
    }

    @Test("an hour of an uneven rate does not drift")
    func drift() {
        var schedule = LoadSchedule(rate: 3, start: 0)
        var count = 0
        while schedule.take(at: 3_600_000_000_000 - 1) != nil { count += 1 }
        #expect(count == 10_800)
    }
}
