import Glibc

/// A request's body: one buffer, filled while it arrives and not changed afterwards.
///
/// At least `padding` readable zero bytes follow the last one, so that a vectorised reader may run past the end. The buffer
/// grows with what has arrived, never with what was announced.
///
/// `@unchecked Sendable`: only the event loop that receives the body writes to it, and it stops before the request is
/// handed to anybody else.
@safe package final class HTTPBody: @unchecked Sendable {
    /// How many readable bytes follow the body.
    package static let padding = 64
    /// The body of a request that has none.
    package static let empty = HTTPBody(capacity: 0)

    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// The body's size in bytes.
    package private(set) var count = 0

    /// An empty body with room for `capacity` bytes.
    init(capacity: Int) {
        self.capacity = capacity
        unsafe base = Self.allocate(nil, capacity)
    }

    /// A body of these bytes, for requests that do not come from a socket.
    package convenience init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        let contents = Array(bytes)
        unsafe contents.withUnsafeBytes { unsafe append($0) }
    }

    /// An empty body for what another one stands for: its bytes without their content codings.
    package init(replacing coded: HTTPBody) {
        capacity = 0
        unsafe base = Self.allocate(nil, 0)
    }

    deinit {
        unsafe free(base)
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { count == 0 }

    /// Calls `body` with the bytes; the `padding` bytes behind them are readable and zero.
    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Adds decoded bytes at the end. False when there is no room for them.
    package func append(decoded bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe append(bytes)
        return true
    }

    /// Adds bytes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if count + bytes.count > capacity { grow(to: max(count + bytes.count, capacity * 2, 4096)) }
        unsafe (base + count).copyMemory(from: source, byteCount: bytes.count)
        finish(at: count + bytes.count)
    }

    /// The free room behind the body, `wanted` bytes at most, grown first when it has run out. What is written there
    /// becomes part of the body by `commit`.
    func spare(wanted: Int) -> UnsafeMutableRawBufferPointer {
        if count == capacity { grow(to: count + min(max(count, 4096), wanted)) }
        return unsafe UnsafeMutableRawBufferPointer(start: base + count, count: min(wanted, capacity - count))
    }

    /// Makes the first `added` bytes of the free room part of the body.
    func commit(_ added: Int) {
        precondition(added >= 0 && added <= capacity - count)
        finish(at: count + added)
    }

    /// At most doubles the capacity: what is allocated stays within twice what has arrived.
    private func grow(to newCapacity: Int) {
        capacity = newCapacity
        unsafe base = Self.allocate(base, newCapacity)
    }

    private func finish(at end: Int) {
        count = end
        unsafe (base + end).initializeMemory(as: UInt8.self, repeating: 0, count: Self.padding)
    }

    private static func allocate(_ old: UnsafeMutableRawPointer?, _ capacity: Int) -> UnsafeMutableRawPointer {
        guard let new = unsafe realloc(old, capacity + padding) else {
            preconditionFailure("Out of memory. Expected \(capacity + padding) bytes for a request body.")
        }
        if unsafe old == nil { unsafe new.initializeMemory(as: UInt8.self, repeating: 0, count: padding) }
        return unsafe new
    }
}
