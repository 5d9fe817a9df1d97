internal import GRPCWire
internal import SwiftProtobuf

/// Messages to and from bytes.
enum GRPCProtobuf {
    /// - Throws: for bytes that are no such message.
    static func decode<M: Message>(_ type: M.Type = M.self, _ message: GRPCMessage) throws(APIError) -> M {
        let bytes = unsafe message.withBytes { unsafe Array($0) }
        do { return try M(serializedBytes: bytes) } catch {
            throw APIError(
                400, "invalid_message",
                "The message is no \(M.protoMessageName). Expected its fields, received other bytes.")
        }
    }

    /// The bytes with their prefix.
    static func framed(_ message: any Message) throws(APIError) -> [UInt8] {
        do {
            let bytes: [UInt8] = try message.serializedBytes()
            return GRPCFramer.prefix(length: bytes.count) + bytes
        } catch { throw APIError(500, "internal_error", "The answer could not be made.") }
    }
}
