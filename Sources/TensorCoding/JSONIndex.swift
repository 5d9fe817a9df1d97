import CSimdjson
import Locks

/// simdjson's index of one document at a time. Indexes are used again: in steady state none is allocated.
@safe
final class JSONIndex {
    /// An index that has grown beyond this is not kept: its memory goes back after its document. The memory is four
    /// bytes for each byte of the largest document so far, of which only what was written to is ever resident.
    private static let keptCapacity = 16 << 20
    private static let keptCount = 16
    private static let idle = Lock<[Handle]>([])

    private let handle: Handle
    private(set) var document = unsafe csj_document()

    /// The C object. It is used by one reader at a time, and handed on under the mutex.
    @safe
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Indexes the document, which must outlive the index.
    ///
    /// - Throws: what keeps the bytes from being JSON text at all.
    init(_ bytes: UnsafeRawBufferPointer, padding: Int) throws(CodingError) {
        // simdjson's offsets have 32 bits.
        let limit = 0xFFFF_FF00
        guard bytes.count <= limit else { throw .documentTooLarge(limit: limit, received: bytes.count) }
        if let kept = Self.idle.withLock({ $0.popLast() }) {
            handle = kept
        } else if let pointer = unsafe csj_index_create() {
            handle = unsafe Handle(pointer: pointer)
        } else {
            throw .outOfMemory(bytes: bytes.count)
        }
        guard let start = bytes.baseAddress else { throw Self.empty }
        let status = unsafe csj_index_build(
            handle.pointer, start.assumingMemoryBound(to: UInt8.self), bytes.count, bytes.count + max(padding, 0),
            &document)
        switch status {
        case csj_ok: break
        case csj_out_of_memory: throw .outOfMemory(bytes: bytes.count)
        default: throw unsafe JSONText.fault(in: bytes) ?? Self.empty
        }
    }

    private static var empty: CodingError { .invalidJSON(.empty, at: JSONLocation(offset: 0, pointer: "")) }

    deinit {
        let handle = self.handle
        let isKept =
            unsafe csj_index_capacity(handle.pointer) <= Self.keptCapacity
            && Self.idle.withLock { idle in
                guard idle.count < Self.keptCount else { return false }
                idle.append(handle)
                return true
            }
        if !isKept { unsafe csj_index_free(handle.pointer) }
    }
}
