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
        line.add(name: "status", 200)
        line.add(name: "path", "/dense")
        #expect(
            String(decoding: line.finished(), as: UTF8.self)
                == #"{"time":"2026-03-01T08:15:30.007Z","level":"warning","message":"slow \"x\"","#
                + #""status":200,"path":"/dense"}"# + "\n")
    }

    @Test("a line of known fields is spelled where it is kept, behind what is there")
    func spelling() {
        for (format, expected) in [
            (LogFormat.json, #","level":"info","message":"request","path":"/\n\"","n":-5,"ms":1234.567}"#),
            (LogFormat.text(colour: false), #" info     request path="/\n\"" n=-5 ms=1234.567"#),
        ] {
            let spelling = LogSpelling(format)
            var bytes = Array("earlier\n".utf8)
            bytes.append(addingCapacity: 200) { output in
                spelling.begin(.info, "request", at: Self.time, to: &output)
                spelling.add("path", "/\n\"", to: &output)
                spelling.add("n", -5, to: &output)
                spelling.add("ms", milliseconds: 1_234_567_999, to: &output)
                spelling.end(to: &output)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasPrefix("earlier\n"))
            #expect(text.hasSuffix(expected + "\n"))
        }
    }

    @Test("no text becomes longer than what is reckoned with", arguments: ["", "a", "\u{1}\u{7F}\n\"\\", "é"])
    func bounds(text: String) {
        for format in [LogFormat.json, .text(colour: false)] {
            var line = LogLine(format, level: .critical, message: text, time: Self.time)
            line.add(name: text, text)
            line.add(name: text, .min)
            #expect(line.finished().last == UInt8(ascii: "\n"))
        }
    }

    @Test(
        "numbers are whole, of any size",
        arguments: [0, 7, 10, 200, 9_999_999, 10_000_000, .max, .min])
    func numbers(number: Int) {
        var line = LogLine(.json, level: .info, message: "x", time: Self.time)
        line.add(name: "n", number)
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
        bytes.append(addingCapacity: LogTimestamp.count) { output in
            LogTimestamp(secondsSince1970: seconds, milliseconds: 0).append(to: &output)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
