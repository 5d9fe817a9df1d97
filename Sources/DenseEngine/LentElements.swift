/// Elements that lie in memory of somebody else, who leaves them as they are for as long as anybody refers to him: those of a
/// request's body, which need not be copied out of it.
///
/// `@unchecked Sendable`: nobody writes to the memory.
@safe package final class LentElements: @unchecked Sendable {
    private let start: UnsafePointer<Float>
    private let count: Int
    private let lender: any AnyObject & Sendable

    /// - Parameter bytes: as they lie in memory where they are used: little-endian there, and at an address that is a multiple
    ///   of a float's size.
    init?(_ bytes: UnsafeRawBufferPointer, of lender: any AnyObject & Sendable) {
        let stride = MemoryLayout<Float>.stride
        guard let base = bytes.baseAddress, bytes.count % stride == 0, 1.littleEndian == 1,
            Int(bitPattern: base) % MemoryLayout<Float>.alignment == 0
        else { return nil }
        unsafe start = base.assumingMemoryBound(to: Float.self)
        count = bytes.count / stride
        self.lender = lender
    }

    /// A copy of them.
    @usableFromInline package var elements: [Float] { unsafe withElements { unsafe Array($0) } }

    /// Shows them where they are.
    func withElements<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(lender) {} }
        return try unsafe body(UnsafeBufferPointer(start: start, count: count))
    }
}
