internal import Glibc

/// Where data lies, by its size.
package enum MemoryLevel: String, CaseIterable, Sendable {
    case l1 = "L1"
    case l2 = "L2"
    case l3 = "L3"
    case dram = "DRAM"
}

/// Floats in large pages where the system has them for who asks, so that looking up addresses costs the least, at an address that is a multiple of a page's.
@safe final class Floats: Sendable {
    nonisolated(unsafe) let start: UnsafeMutablePointer<Float>
    let count: Int

    init(zeros count: Int) {
        self.count = count
        let byteCount = max(count, 1) * MemoryLayout<Float>.size
        let largePage = 2 << 20
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: byteCount < largePage ? 4096 : largePage)
        if byteCount >= largePage { unsafe madvise(memory, byteCount, MADV_HUGEPAGE) }
        // Written once, so that every page has memory of its own.
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        unsafe start = memory.bindMemory(to: Float.self, capacity: count)
    }

    /// Small numbers of both signs.
    convenience init(count: Int) {
        self.init(zeros: count)
        var state: UInt32 = 12345
        for index in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            unsafe start[index] = Float(Int32(bitPattern: state) >> 8) * 0x1p-24
        }
    }

    /// A copy as an array.
    var elements: [Float] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

    deinit { unsafe start.deallocate() }
}
