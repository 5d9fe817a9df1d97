/// The buffer all connections of a loop receive into, so that an idle connection has none. Confined to the loop's thread.
final class InputBuffer {
    /// The most that is received at a time.
    static let size = 256 << 10
    private var bytes = [UInt8](repeating: 0, count: size)

    /// Receives what there is, `most` bytes of it, and shows it to `eat`, behind the bytes that were left before. Returns what `eat` left.
    func receive(
        from socket: Socket, atMost most: Int = size, behind earlier: consuming [UInt8], _ eat: (Span<UInt8>) -> Int
    ) -> (transfer: Socket.Transfer, rest: [UInt8]) {
        let transfer = discard(from: socket, atMost: most)
        guard case .bytes(let count) = transfer else { return (transfer, earlier) }
        if earlier.isEmpty {
            let eaten = eat(bytes.span.extracting(0..<count))
            return (transfer, eaten < count ? Array(bytes[eaten..<count]) : [])
        }
        earlier.append(contentsOf: bytes[0..<count])
        let eaten = eat(earlier.span)
        if eaten > 0 { earlier.removeFirst(eaten) }
        return (transfer, earlier)
    }

    /// Receives what there is and forgets it.
    func discard(from socket: Socket, atMost most: Int = size) -> Socket.Transfer {
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(most)))
        }
    }
}
