import DenseService
import Testing

/// When memory is given back.
@Suite("Spare memory")
struct SpareMemoryTests {
    private static let growth = SpareMemoryWatch.growth

    @Test("is looked for when memory has grown and two looks have found nothing large")
    func grown() {
        var watch = SpareMemoryWatch()
        let looks = [(true, 100), (false, 100 + Self.growth), (true, 100 + Self.growth), (true, 100 + Self.growth)]
        #expect(looks.map { watch.isWorthwhile(isQuiet: $0, resident: $1) } == [false, false, false, true])
        #expect([99 + Self.growth].map { watch.isWorthwhile(isQuiet: true, resident: $0) } == [false])
    }

    @Test("what is left is looked through again, ever more rarely, and at once when there is more")
    func left() {
        var watch = SpareMemoryWatch()
        _ = watch.isWorthwhile(isQuiet: true, resident: 0)
        var memory = 2 * Self.growth
        func looks(until count: Int) -> Int {
            for number in 1...count where watch.isWorthwhile(isQuiet: true, resident: memory) {
                watch.gaveBack(before: memory, now: memory)
                return number
            }
            return 0
        }
        #expect((0..<9).map { _ in looks(until: 100) } == [1, 2, 4, 8, 16, 32, 64, 64, 64])
        memory += Self.growth
        #expect(looks(until: 100) == 1)
        #expect(looks(until: 100) == 64)
        _ = watch.isWorthwhile(isQuiet: true, resident: memory)
        watch.gaveBack(before: memory, now: memory - (2 << 20))
        memory -= 2 << 20
        #expect(looks(until: 100) == 1)
    }
}
