import CMalloc

/// How malloc keeps what was freed.
enum Allocator {
    /// Bodies and tensors of so many bytes come from memory that was used before and not from fresh pages, whose faults cost
    /// more than all the copying.
    private static let mostKept = 32 << 20
    /// The least that is worth it.
    private static let leastKept = 1 << 20

    /// Lets each of malloc's arenas keep some free memory for the next request: a sixteenth of what there is for requests,
    /// answers and models. Of fewer bytes malloc would keep about as much by itself, once it has seen a large body freed.
    ///
    /// - Parameter available: in bytes.
    static func keepMemory(available: Int) {
        let kept = min(max(available / 16, leastKept), mostKept)
        _ = mallopt(M_MMAP_THRESHOLD, Int32(clamping: kept))
        _ = mallopt(M_TRIM_THRESHOLD, Int32(clamping: kept))
        _ = mallopt(M_TOP_PAD, Int32(clamping: kept / 4))
    }
}
