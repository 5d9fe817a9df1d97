/// The buffer all connections of a loop receive into, so that an idle connection has none. Confined to the loop's thread.
final class InputBuffer {
    /// The most that is received at a time.
    static let size = 256 << 10
    private var bytes = [UInt8](repeating: 0, count: size)

    /// Receives what there is, no more than so many bytes, and shows it to `eat`, behind the bytes that were left before.
    /// Returns what `eat` left.
    func receive(
        from socket: Socket, atMost limit: Int = size, behind earlier: consuming [UInt8], _ eat: (Span<UInt8>) -> Int
    ) -> (transfer: Socket.Transfer, rest: [UInt8]) {
        let transfer = fill(from: socket, atMost: limit)
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

    /// Receives what there is, no more than so many bytes, and forgets it.
    func discard(from socket: Socket, atMost limit: Int = .max) -> Socket.Transfer {
        socket.discard(atMost: limit) ?? fill(from: socket, atMost: limit)
    }

    private func fill(from socket: Socket, atMost limit: Int) -> Socket.Transfer {
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(limit)))
        }
    }
}
