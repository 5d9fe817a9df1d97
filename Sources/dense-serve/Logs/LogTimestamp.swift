import Glibc
import HTTPServer

/// A moment in UTC, as log lines write it: `2026-03-01T08:15:30.123Z`.
package struct LogTimestamp: Hashable, Sendable {
    private let seconds: Int
    private let milliseconds: Int

    /// - Parameter milliseconds: 0 to 999.
    package init(secondsSince1970 seconds: Int, milliseconds: Int) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    package static var now: LogTimestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return LogTimestamp(secondsSince1970: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The characters of every moment.
    package static let count = 24

    /// Appends the 24 characters. Written by hand, since this is done for every request.
    package func append(to output: inout OutputSpan<UInt8>) {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let second = seconds - days * 86_400
        let date = Self.date(day: days)
        output.append(digits: date.year, width: 4)
        output.append(UInt8(ascii: "-"))
        output.append(digits: date.month, width: 2)
        output.append(UInt8(ascii: "-"))
        output.append(digits: date.day, width: 2)
        output.append(UInt8(ascii: "T"))
        output.append(digits: second / 3_600, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: second / 60 % 60, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: second % 60, width: 2)
        output.append(UInt8(ascii: "."))
        output.append(digits: milliseconds, width: 3)
        output.append(UInt8(ascii: "Z"))
    }

    /// The date of a day counted from 1970-01-01, by counting in years that begin in March, so that the leap day comes
    /// last (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func date(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
