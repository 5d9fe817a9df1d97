import DenseEngine
import Testing
import dense_bench

@Suite("The latency histogram")
struct LatencyHistogramTests {
    @Test("percentiles are within 0.4 % of the exact ones, from 1 ns to 17 s", arguments: [1, 2, 1000, 50_000])
    func percentiles(_ count: Int) {
        var generator = PCG64(entropy: [UInt32(count)])
        // Evenly spread over the logarithms.
        let durations = (0..<count).map { _ in
            let exponent = Int(generator.next() % 34)
            return Int((1 + generator.nextUniform()) * Double(1 << exponent))
        }
        var histogram = LatencyHistogram()
        for duration in durations { histogram.record(duration) }
        let sorted = durations.sorted()
        for percent in [0, 1, 25, 50, 90, 99, 99.9, 100] as [Double] {
            let rank = min(max(Int((percent / 100 * Double(count)).rounded(.up)), 1), count)
            let exact = Double(sorted[rank - 1])
            let found = Double(histogram.percentile(percent))
            #expect(abs(found - exact) <= exact / 256, "\(percent) %: expected \(exact), received \(found)")
        }
        #expect(histogram.count == count && histogram.maximum == sorted.last)
        let mean = Double(durations.reduce(0, +)) / Double(count)
        #expect(abs(histogram.mean - mean) <= mean * 1e-9)
    }

    @Test("every duration up to 255 ns has a bucket of its own")
    func small() {
        for duration in 0...255 {
            var histogram = LatencyHistogram()
            histogram.record(0)
            histogram.record(duration)
            histogram.record(1000)
            #expect(histogram.percentile(50) == duration)
        }
    }

    @Test("nothing recorded is zero, negative counts as zero, and hours do not break it")
    func ends() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(99) == 0 && histogram.mean == 0 && histogram.maximum == 0)
        histogram.record(-5)
        #expect(histogram.percentile(50) == 0 && histogram.count == 1)
        histogram.record(.max)
        histogram.record(.max)
        #expect(histogram.maximum == .max && histogram.percentile(100) == .max)
    }

    @Test("two histograms added are one of all durations")
    func merge() {
        var (odd, even, all) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for duration in 1...1000 {
            if duration % 2 == 0 { even.record(duration * duration) } else { odd.record(duration * duration) }
            all.record(duration * duration)
        }
        odd.merge(even)
        #expect(odd.count == all.count && odd.mean == all.mean && odd.maximum == all.maximum)
        for percent in stride(from: 0.0, through: 100, by: 0.5) {
            #expect(odd.percentile(percent) == all.percentile(percent))
        }
    }
}
