internal import CJSONReference
internal import DenseEngine
internal import TensorCoding

/// What reading or writing a document of numbers took.
package struct JSONResult: Sendable {
    package enum Direction: String, Sendable {
        case decode, encode
    }

    package let style: NumberStyle
    package let direction: Direction
    package let threads: Int
    package let numbers: Int
    package let bytes: Int
    package let time: Measurement
    /// The same by the other implementation, which has one thread, and a copy of the text.
    package let reference, copy: Measurement

    package var nanoseconds: Double { nanoseconds(time) }
    package var bytesPerSecond: Double { Double(bytes) / time.best }

    package func nanoseconds(_ time: Measurement) -> Double { time.best / Double(numbers) * 1e9 }
}

/// Measures reading and writing documents of many numbers.
package struct JSONBenchmark: Sendable {
    private let numbers: Int
    private let seconds: Double

    /// - Parameters:
    ///   - numbers: of a document.
    ///   - seconds: for each figure.
    package init(numbers: Int, seconds: Double) {
        self.numbers = numbers
        self.seconds = seconds
    }

    /// Why a measurement has no result: the codec refused what it should take, which is an error of the benchmark.
    package struct Refused: Error {
        let direction: JSONResult.Direction
        let style: NumberStyle
    }

    /// Reading and writing, each on one thread and on two.
    package func run(_ style: NumberStyle) throws(Refused) -> [JSONResult] {
        let document = JSONNumbers(style, count: numbers)
        return try decode(style, document) + encode(style, document)
    }

    private func decode(_ style: NumberStyle, _ document: JSONNumbers) throws(Refused) -> [JSONResult] {
        let count = document.text.count
        // simdjson reads up to 64 bytes past the end.
        let padded = document.text + [UInt8](repeating: 0, count: 64)
        var elements = [Float](repeating: 0, count: document.values.count)
        var isRead = true
        let reference = Stopwatch.measure(budget: seconds) {
            let read = unsafe reference_read_floats(padded, count, padded.count, &elements, elements.count)
            isRead = isRead && read == elements.count
        }
        let copy = copyTime(padded, count)
        var results: [JSONResult] = []
        for threads in [1, 2] {
            let coding = CodingThreads(count: threads)
            let time = Stopwatch.measure(budget: seconds) {
                let tensor = unsafe padded.withUnsafeBytes { bytes -> Tensor? in
                    let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
                    guard var reader = try? unsafe JSONReader(bytes: text, padding: 64, threads: coding) else {
                        return nil
                    }
                    return try? reader.readTensor()
                }
                isRead = isRead && tensor?.elements.count == document.values.count
            }
            results.append(
                JSONResult(
                    style: style, direction: .decode, threads: threads, numbers: document.values.count, bytes: count,
                    time: time, reference: reference, copy: copy))
        }
        guard isRead else { throw Refused(direction: .decode, style: style) }
        return results
    }

    private func encode(_ style: NumberStyle, _ document: JSONNumbers) throws(Refused) -> [JSONResult] {
        let shape = [document.values.count / JSONNumbers.columns, JSONNumbers.columns]
        guard let tensor = try? Tensor(shape, document.values) else { throw Refused(direction: .encode, style: style) }
        var text = [UInt8](repeating: 0, count: 32 * document.values.count)
        let reference = Stopwatch.measure(budget: seconds) {
            _ = unsafe reference_write_floats(document.values, document.values.count, &text)
        }
        var results: [JSONResult] = []
        for threads in [1, 2] {
            let coding = CodingThreads(count: threads)
            var written: [UInt8] = []
            let time = Stopwatch.measure(budget: seconds) {
                // The text before is freed first, as a server's is.
                written = []
                var writer = JSONWriter(
                    capacity: JSONWriter.capacity(for: tensor.shape, form: .nested), threads: coding)
                try? writer.write(tensor, form: .nested, nonFinite: .error)
                written = writer.bytes
            }
            guard !written.isEmpty else { throw Refused(direction: .encode, style: style) }
            results.append(
                JSONResult(
                    style: style, direction: .encode, threads: threads, numbers: document.values.count,
                    bytes: written.count, time: time, reference: reference, copy: copyTime(written, written.count)))
        }
        return results
    }

    private func copyTime(_ text: [UInt8], _ count: Int) -> Measurement {
        var copy = [UInt8](repeating: 0, count: count)
        return Stopwatch.measure(budget: seconds / 3) {
            unsafe copy.withUnsafeMutableBytes { copy in
                unsafe text.withUnsafeBytes {
                    unsafe copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count]))
                }
            }
        }
    }
}
