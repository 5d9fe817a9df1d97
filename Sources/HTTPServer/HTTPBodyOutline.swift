/// What a handler knows of a body before it is there.
package struct HTTPBodyOutline: Hashable, Sendable {
    /// Bodies of so many bytes are asked about.
    static let leastBytes = 64 << 10
    /// Where the length is not known, those whose first frame has so many.
    static let leastFrame = 8 << 10

    /// The offset of numbers that are to lie at an address which is a multiple of 16.
    package var numbersOffset: Int
    /// How long it will become, where its head does not say so; nil where nobody knows. Nothing depends on it.
    package var length: Int?

    package init(numbersOffset: Int = 0, length: Int? = nil) {
        self.numbersOffset = numbersOffset
        self.length = length
    }
}

extension HTTPBody {
    /// Asks about a body that nothing has come of, and makes ready for it.
    func prepare(for head: HTTPRequestHead, _ handler: any HTTPHandler) {
        unsafe prepare(for: head, beginning: UnsafeRawBufferPointer(start: nil, count: 0), handler)
    }

    /// The same when its first bytes are there.
    func prepare(for head: HTTPRequestHead, beginning: UnsafeRawBufferPointer, _ handler: any HTTPHandler) {
        let outline = unsafe handler.outline(of: head, beginning: beginning)
        expect(alignedOffset: max(outline.numbersOffset, 0), length: outline.length)
    }
}
