import Glibc

/// A request's body: one buffer, filled while it arrives and not changed afterwards.
///
/// At least `padding` readable zero bytes follow the last one, so that a vectorised reader may run past the end. What is
/// used of the buffer grows with what has arrived, never with what was announced; an empty body has none. Its memory is
/// counted in a budget until the last one who needs the body lets go of it.
///
/// `@unchecked Sendable`: only the event loop that receives the body writes to it, and it stops before the request is
/// handed to anybody else.
@safe package final class HTTPBody: @unchecked Sendable {
    /// How many readable bytes follow the body.
    package static let padding = 64
    /// The body of a request that has none.
    package static let empty = HTTPBody()

    /// The least that is allocated, where the length is not known to be less.
    private static let leastCapacity = 4 << 10
    /// With the first bytes of a longer body there is room for so many.
    private static let firstCapacity = 64 << 10
    /// Memory is taken for so many times what has come, as far as it is known that the body becomes so long: what nobody
    /// writes to is not there, and growing in small steps would copy all of it every time.
    private static let allocationFactor = 8
    /// What can be at an address that is a multiple of this is used where it lies, whatever is computed with it.
    private static let alignment = 16
    /// Stands for the bytes of a body that has none.
    private nonisolated(unsafe) static let nothing: UnsafeMutableRawPointer = {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: padding, alignment: 64)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: padding)
        return unsafe bytes
    }()

    private var base: UnsafeMutableRawPointer?
    /// Where the body begins in its memory.
    private var shift = 0
    /// The room that is counted, and that there is.
    private var capacity = 0
    private var allocated = 0
    private var length: Int?
    private let budget: MemoryBudget?
    private var charge: MemoryCharge
    /// The body's size in bytes.
    package private(set) var count = 0

    /// An empty body. `length` is how long it will become, nil when that is not known; `budget` counts its memory.
    init(length: Int? = nil, within budget: MemoryBudget? = nil) {
        self.length = length
        self.budget = budget
        charge = MemoryCharge(budget)
    }

    /// A body of these bytes, for requests that do not come from a socket.
    package convenience init(_ bytes: some Collection<UInt8>) {
        self.init(length: bytes.count)
        let contents = Array(bytes)
        let hasRoom = unsafe contents.withUnsafeBytes { unsafe append($0) }
        precondition(hasRoom, "Out of memory. Expected \(contents.count) bytes for a body.")
    }

    /// An empty body for what another one stands for, in the same budget: its bytes without their content codings.
    package convenience init(replacing coded: HTTPBody) {
        self.init(within: coded.budget)
    }

    deinit {
        unsafe free(base)
    }

    /// Whether it is small enough to be kept for another request: its memory is not counted.
    var isKeepable: Bool { capacity <= MemoryBudget.free }

    /// Makes it an empty body again. Only for who has the last reference to it.
    func renew(length: Int) {
        self.length = length
        if let start = unsafe start { unsafe finish(start, at: 0) }
    }

    /// Has the byte at this offset at a rounded address, and makes room as for a body of so many bytes. Only for one that
    /// nothing has come of.
    ///
    /// - Parameter length: may be wrong; nil leaves what is known.
    func expect(alignedOffset offset: Int, length: Int? = nil) {
        guard isEmpty else { return }
        // What is allocated begins at such an address, and has room for any shift.
        shift = (Self.alignment - offset % Self.alignment) % Self.alignment
        if let length { self.length = length }
        if let start = unsafe start { unsafe finish(start, at: 0) }
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { count == 0 }

    /// Calls `body` with the bytes; the `padding` bytes behind them are readable and zero.
    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: start ?? Self.nothing, count: count))
    }

    /// Adds decoded bytes at the end. False when there is no room for them.
    package func append(decoded bytes: UnsafeRawBufferPointer) -> Bool { unsafe append(bytes) }

    /// Adds bytes at the end. False when there is no room for them.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return true }
        guard makeRoom(bytes.count), let start = unsafe start else { return false }
        unsafe (start + count).copyMemory(from: source, byteCount: bytes.count)
        unsafe finish(start, at: count + bytes.count)
        return true
    }

    /// The free room behind the body, `wanted` bytes at most, grown first when it has run out; nil when there is no memory
    /// for it. What is written there becomes part of the body by `commit`.
    func spare(wanted: Int) -> UnsafeMutableRawBufferPointer? {
        guard count < capacity || makeRoom(min(wanted, Self.leastCapacity)), let start = unsafe start else {
            return nil
        }
        return unsafe UnsafeMutableRawBufferPointer(start: start + count, count: min(wanted, capacity - count))
    }

    /// Makes the first `added` bytes of the free room part of the body.
    func commit(_ added: Int) {
        precondition(added >= 0 && added <= capacity - count)
        if let start = unsafe start { unsafe finish(start, at: count + added) }
    }

    private var start: UnsafeMutableRawPointer? { unsafe base.map { unsafe $0 + shift } }

    /// Room for `added` bytes more. At most doubles the capacity: what is used stays within twice what has arrived.
    private func makeRoom(_ added: Int) -> Bool {
        let needed = count + added
        guard needed > capacity else { return true }
        if let length, needed <= length {
            return grow(to: max(needed, min(max(capacity * 2, Self.firstCapacity), length)))
        }
        return grow(to: max(needed, capacity * 2, Self.leastCapacity))
    }

    private func grow(to wanted: Int) -> Bool {
        guard charge.set(wanted) else { return false }
        guard wanted <= allocated || allocate(wanted) else {
            charge.force(capacity)
            return false
        }
        capacity = wanted
        return true
    }

    private func allocate(_ wanted: Int) -> Bool {
        let room = max(wanted, min(length ?? 0, count * Self.allocationFactor))
        guard let memory = unsafe realloc(base, Self.alignment + room + Self.padding) else { return false }
        unsafe base = memory
        allocated = room
        return true
    }

    private func finish(_ start: UnsafeMutableRawPointer, at end: Int) {
        count = end
        unsafe (start + end).initializeMemory(as: UInt8.self, repeating: 0, count: Self.padding)
    }
}
