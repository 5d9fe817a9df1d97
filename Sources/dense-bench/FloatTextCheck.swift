internal import CJSONReference
internal import Dispatch
internal import Synchronization
internal import TensorCoding

/// Writes all float32, or every so many of them, and compares the text with what the C++ standard library makes of it.
package struct FloatTextCheck: Sendable {
    package struct Result: Sendable {
        /// The finite numbers checked. The others have no text.
        package var checked = 0
        /// What is wrong, a sentence each; some of them, if there are many.
        package var wrong: [String] = []
        package var seconds = 0.0
    }

    private let stride: Int
    private let threads: Int

    /// - Parameter stride: 1 for every bit pattern; `n` for every `n`th.
    package init(stride: Int, threads: Int) {
        self.stride = max(stride, 1)
        self.threads = max(threads, 1)
    }

    /// Numbers in a text.
    private static let blockCount = 1 << 16

    /// - Parameter progress: called now and then with the part that is done, from 0 to 1, and the seconds it took.
    package func run(_ progress: @Sendable (Double, Double) -> Void = { _, _ in }) -> Result {
        let start = Stopwatch.now
        let total = (1 << 32) / stride + ((1 << 32) % stride == 0 ? 0 : 1)
        let next = Atomic(0)
        let result = Mutex(Result())
        let lastTold = Mutex(start)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let first = next.add(Self.blockCount, ordering: .relaxed).oldValue
                guard first < total else { break }
                let (checked, wrong) = check(first..<min(first + Self.blockCount, total))
                result.withLock {
                    $0.checked += checked
                    $0.wrong += wrong.prefix(max(0, 100 - $0.wrong.count))
                }
                let now = Stopwatch.now
                let tells = lastTold.withLock { last in
                    guard now - last >= 5 else { return false }
                    last = now
                    return true
                }
                if tells { progress(Double(first) / Double(total), now - start) }
            }
        }
        var all = result.withLock(\.self)
        all.seconds = Stopwatch.now - start
        return all
    }

    private func check(_ range: Range<Int>) -> (checked: Int, wrong: [String]) {
        let values = range.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0 &* stride)) }.filter(\.isFinite)
        guard !values.isEmpty else { return (0, []) }
        var writer = JSONWriter(threads: .one)
        do throws(CodingError) { try writer.write(values, nonFinite: .error) } catch {
            return (values.count, ["not written: \(error)"])
        }
        return (values.count, Self.faults(values, writer.bytes))
    }

    /// What is wrong with the text of an array of numbers, a sentence for the first that is.
    package static func faults(_ values: [Float], _ text: [UInt8]) -> [String] {
        let wrong = unsafe reference_first_wrong(values, values.count, text, text.count)
        guard wrong < values.count else { return wrong == values.count ? [] : ["something follows the numbers"] }
        return ["\(values[wrong]), with the bits 0x\(String(values[wrong].bitPattern, radix: 16))"]
    }
}
