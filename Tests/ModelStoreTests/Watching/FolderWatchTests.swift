import FileReading
import ModelStore
import Testing

@Suite("What is done about the files of a folder")
struct FolderWatchTests {
    private static func candidate(_ name: String, _ state: Int, version: Int? = nil) -> ModelCandidate {
        ModelCandidate(
            key: .init(name: name, version: version), path: "/m/\(name).json",
            files: [FileIdentity(number: state)])
    }

    /// The value under test, to be asked within expectations.
    private final class Watched {
        var watch = FolderWatch()

        /// What is due at a time when the folder holds these candidates.
        func look(
            _ candidates: [ModelCandidate], at now: Int, written: Set<String> = []
        ) -> [FolderWatch.Action] {
            watch.observe(candidates, now: now)
            return watch.actions(written: written, now: now)
        }

        func hurry() -> [FolderWatch.Action] { watch.actions(written: ["/m/a.json"], now: 0, isHurried: true) }
    }

    private let watched = Watched()

    @Test("a file is loaded once it has stayed as it is for a moment, and not again")
    func settles() {
        let (first, second) = (Self.candidate("a", 1), Self.candidate("a", 2))
        #expect(watched.look([first], at: 0) == [])
        #expect(watched.watch.nextTime() == FolderWatch.settling)
        #expect(watched.look([second], at: 100) == [])
        #expect(watched.look([second], at: 299) == [])
        #expect(watched.look([second], at: 300) == [.load(second, replacing: nil)])
        watched.watch.loaded(second, version: 7)
        #expect(watched.look([second], at: 9_000) == [])
        #expect(watched.watch.nextTime() == nil)
        #expect(watched.look([first], at: 10_000) == [])
        #expect(watched.look([first], at: 10_200) == [.load(first, replacing: 7)])
    }

    @Test("one that is being written waits for its end, or for long")
    func waitsForWriters() {
        let file = Self.candidate("a", 1)
        let written: Set = ["/m/a.json"]
        #expect(watched.look([file], at: 0, written: written) == [])
        #expect(watched.watch.nextTime(written: written) == FolderWatch.writing)
        #expect(watched.look([file], at: 9_999, written: written) == [])
        #expect(watched.look([file], at: 10_000, written: written) == [.load(file, replacing: nil)])
        let next = Self.candidate("a", 2)
        #expect(watched.look([next], at: 20_000, written: written) == [])
        #expect(watched.look([next], at: 20_200) == [.load(next, replacing: nil)])
    }

    @Test("one that failed is tried again when it has changed, and what it brought before stays its own")
    func triesAgain() {
        let (good, bad) = (Self.candidate("a", 1), Self.candidate("a", 2))
        _ = watched.look([good], at: 0)
        #expect(watched.look([good], at: 200) == [.load(good, replacing: nil)])
        watched.watch.loaded(good, version: 1)
        _ = watched.look([bad], at: 300)
        #expect(watched.look([bad], at: 500) == [.load(bad, replacing: 1)])
        #expect(watched.look([bad], at: 60_000) == [])
        _ = watched.look([good], at: 60_100)
        #expect(watched.look([good], at: 60_300) == [.load(good, replacing: 1)])
    }

    @Test("one that was not to blame is tried again without a change")
    func postpones() {
        let file = Self.candidate("a", 1)
        _ = watched.look([file], at: 0)
        #expect(watched.look([file], at: 200) == [.load(file, replacing: nil)])
        watched.watch.postpone(file, until: 700)
        #expect(watched.look([file], at: 800) == [])
        #expect(watched.look([file], at: 900) == [.load(file, replacing: nil)])
    }

    @Test("what a file brought goes when the file has been missing for a moment, not when it was replaced")
    func withdraws() {
        let (first, second) = (Self.candidate("a", 1), Self.candidate("a", 2))
        _ = watched.look([first], at: 0)
        #expect(watched.look([first], at: 200) == [.load(first, replacing: nil)])
        watched.watch.loaded(first, version: 3)
        #expect(watched.look([], at: 1_000) == [])
        #expect(watched.look([second], at: 1_500) == [])
        #expect(watched.look([second], at: 1_700) == [.load(second, replacing: 3)])
        watched.watch.loaded(second, version: 4)
        #expect(watched.look([], at: 2_000) == [])
        #expect(watched.watch.nextTime() == 3_000)
        #expect(watched.look([], at: 2_999) == [])
        #expect(watched.look([], at: 3_000) == [.withdraw(second, version: 4)])
        #expect(watched.look([], at: 9_000) == [])
    }

    @Test("of a file that brought nothing nothing goes")
    func withdrawsNothing() {
        let file = Self.candidate("a", 1)
        _ = watched.look([file], at: 0)
        #expect(watched.look([file], at: 200).count == 1)
        watched.watch.loaded(file, version: nil)
        _ = watched.look([], at: 300)
        #expect(watched.look([], at: 5_000) == [])
    }

    @Test("at the start everything is due, by name and version")
    func hurries() {
        let files = [
            Self.candidate("b", 1), Self.candidate("a", 1, version: 10), Self.candidate("a", 1, version: 9),
            Self.candidate("a", 1),
        ]
        watched.watch.observe(files, now: 0)
        let order = [files[3], files[2], files[1], files[0]]
        #expect(
            watched.hurry()
                == order.map { .load($0, replacing: nil) })
    }
}
