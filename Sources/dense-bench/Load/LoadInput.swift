internal import Glibc

/// The memory that a worker's connections receive into, one after the other.
@safe final class LoadInput {
    enum Outcome {
        /// `mayHaveMore` when it filled the memory.
        case received(Int, mayHaveMore: Bool)
        case blocked
        case ended
        case failed
    }

    private static let size = 256 << 10
    private let memory: UnsafeMutableRawPointer
    /// How much of the memory holds something.
    private var count = 0

    init() { unsafe memory = .allocate(byteCount: Self.size, alignment: 64) }

    deinit { unsafe memory.deallocate() }

    /// Receives behind what was left over the last time, of which there is less than the memory holds.
    func receive(from socket: Int32, behind rest: [UInt8]) -> Outcome {
        unsafe rest.withUnsafeBytes { rest in
            if let start = rest.baseAddress { unsafe memory.copyMemory(from: start, byteCount: rest.count) }
        }
        let room = Self.size - rest.count
        while true {
            let received = unsafe recv(socket, memory + rest.count, room, 0)
            if received > 0 {
                count = rest.count + received
                return .received(received, mayHaveMore: received == room)
            }
            if received == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .blocked : .failed
        }
    }

    /// Lends what is there.
    func withBytes<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: memory, count: count).assumingMemoryBound(to: UInt8.self)
        return try body(unsafe Span(_unsafeElements: buffer))
    }
}
