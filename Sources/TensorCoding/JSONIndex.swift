import CSimdjson
import Locks

/// simdjson's index of one document at a time. Indexes are used again: in steady state none is allocated.
@safe
struct JSONIndex: ~Copyable {
    /// An index that has grown beyond this is not kept: its memory goes back after its document. The memory is four
    /// bytes for each byte of the largest document so far, of which only what was written to is ever resident.
    private static let keptCapacity = 16 << 20
    /// Where threads leave theirs for the next document: each at a place of its own, so that they do not meet.
    private static let places = (0..<16).map { _ in Place() }

    private final class Place: Sendable {
        let idle = Lock<Handle?>(nil)
    }

    private static var place: Place { places[ThreadNumber.current % places.count] }

    private let handle: Handle
    private(set) var document = unsafe csj_document()

    /// The C object. It is used by one reader at a time, and handed on under the mutex.
    @safe
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private init(handle: Handle) { self.handle = handle }

    /// Indexes a document, which must outlive the index.
    ///
    /// - Throws: what keeps the bytes from being JSON text at all.
    static func of(_ bytes: UnsafeRawBufferPointer, padding: Int) throws(CodingError) -> JSONIndex {
        // simdjson's offsets have 32 bits.
        let limit = 0xFFFF_FF00
        guard bytes.count <= limit else { throw .documentTooLarge(limit: limit, received: bytes.count) }
        var index = JSONIndex(handle: try takeHandle(bytes: bytes.count))
        unsafe try index.build(bytes, padding)
        return index
    }

    private static func takeHandle(bytes: Int) throws(CodingError) -> Handle {
        if let kept = place.idle.withLock({ $0.take() }) { return kept }
        guard let pointer = unsafe csj_index_create() else { throw .outOfMemory(bytes: bytes) }
        return unsafe Handle(pointer: pointer)
    }

    private mutating func build(_ bytes: UnsafeRawBufferPointer, _ padding: Int) throws(CodingError) {
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
            && Self.place.idle.withLock { idle in
                guard idle == nil else { return false }
                idle = handle
                return true
            }
        if !isKept { unsafe csj_index_free(handle.pointer) }
    }
}
