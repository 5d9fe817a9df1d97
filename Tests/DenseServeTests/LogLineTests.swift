import Logging
import Testing
import dense_serve

@Suite("LogLine")
struct LogLineTests {
    private static let time = LogTimestamp(secondsSince1970: 1_772_352_930, milliseconds: 7)

    private static func line(_ format: LogFormat, _ message: String, fields: [(String, String)] = []) -> String {
        var line = LogLine(format, level: .info, message: message, time: time)
        for (name, text) in fields { line.add(name: name, text) }
        return String(decoding: line.finished(), as: UTF8.self)
    }

    @Test("a text line is time, level, message, fields")
    func text() {
        #expect(
            Self.line(.text(colour: false), "listening", fields: [("address", "http://[::1]:80"), ("note", "a b")])
                == "2026-03-01T08:15:30.007Z info     listening address=http://[::1]:80 note=\"a b\"\n")
    }

    @Test("a JSON line is one object")
    func json() {
        var line = LogLine(.json, level: .warning, message: "slow \"x\"", time: Self.time)
        line.add("status", 200)
        line.add("duration_ms", milliseconds: 1_234_567)
        line.add("path", "/dense")
        #expect(
            String(decoding: line.finished(), as: UTF8.self)
                == #"{"time":"2026-03-01T08:15:30.007Z","level":"warning","message":"slow \"x\"","#
                + #""status":200,"duration_ms":1.234,"path":"/dense"}"# + "\n")
    }

    @Test("a line goes behind those before it, whatever its format")
    func behind() {
        for (format, end) in [
            (LogFormat.json, #","n":-5,"id":"ab","ms":0.007}"#), (.text(colour: false), " n=-5 id=ab ms=0.007"),
        ] {
            var line = LogLine(format, level: .info, message: "x", time: Self.time, behind: Array("earlier\n".utf8))
            line.add("n", -5)
            line.add("id") { sink in "ab".utf8.forEach(sink) }
            line.add("ms", milliseconds: 7_999)
            let text = String(decoding: line.finished(), as: UTF8.self)
            #expect(text.hasPrefix("earlier\n"))
            #expect(text.hasSuffix(end + "\n"))
        }
    }

    @Test(
        "numbers are whole, of any size",
        arguments: [0, 7, 10, 200, 9_999_999, 10_000_000, .max, .min])
    func numbers(number: Int) {
        var line = LogLine(.json, level: .info, message: "x", time: Self.time)
        line.add("n", number)
        #expect(String(decoding: line.finished(), as: UTF8.self).hasSuffix("\"n\":\(number)}\n"))
    }

    @Test(
        "nothing in a line can start another line or a control sequence",
        arguments: [
            LogFormat.json, .text(colour: false),
        ])
    func escapes(format: LogFormat) {
        let line = Self.line(format, "a\nb\u{1B}[2J", fields: [("path", "/\r\n\u{7F}\"x\\"), ("name\n", "")])
        #expect(line.utf8.filter { $0 < 0x20 || $0 == 0x7F } == [UInt8(ascii: "\n")])
        #expect(line.contains("a\\nb\\u001b[2J"))
    }

    @Test("colour marks the level, on a terminal only")
    func colour() {
        let line = LogLine(.text(colour: true), level: .error, message: "x", time: Self.time).finished()
        #expect(String(decoding: line, as: UTF8.self).contains("\u{1B}[31m error"))
    }

    @Test(
        "dates are right around leap days and centuries",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"), (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ])
    func dates(seconds: Int, text: String) {
        var bytes: [UInt8] = []
        LogTimestamp(secondsSince1970: seconds, milliseconds: 0).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
