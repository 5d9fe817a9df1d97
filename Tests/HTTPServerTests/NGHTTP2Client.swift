import CNGHTTP2
import HTTPServer

/// nghttp2's own client at the other end of a conversation: it keeps the windows, compresses fields, and finds fault with
/// whatever a server may not send.
@safe final class NGHTTP2Client {
    /// What has come on a stream.
    struct Answer {
        /// Interim heads, the head, and trailers, in order.
        var heads: [[(name: String, value: String)]] = []
        var body: [UInt8] = []
        /// Why the stream was closed; nil while it is open.
        var ending: HTTP2ErrorCode?

        var status: String? {
            heads.last { $0.contains { $0.name == ":status" } }?.first { $0.name == ":status" }?.value
        }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A request's body and what follows it, as the library reads it.
    private final class Upload {
        var rest: ArraySlice<UInt8>
        let trailers: H2.Fields

        init(_ body: [UInt8], trailers: H2.Fields) {
            rest = body[...]
            self.trailers = trailers
        }
    }

    fileprivate final class Inbox {
        var answers: [Int32: Answer] = [:]
        var goAways: [(last: Int32, code: HTTP2ErrorCode)] = []
        /// What the library found wrong.
        var faults: [String] = []
        var pings = 0
    }

    private let session: OpaquePointer
    private let inbox = Inbox()
    private var uploads: [Upload] = []
    private let conversation: WireConversation

    /// A client with these settings, and everything said that both sides say first.
    init(_ conversation: WireConversation, settings: [(UInt32, UInt32)] = [], upgrade: [UInt8]? = nil) throws {
        self.conversation = conversation
        var callbacks: OpaquePointer?
        var made: OpaquePointer?
        _ = unsafe nghttp2_session_callbacks_new(&callbacks)
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe Self.setCallbacks(callbacks)
        let result = unsafe nghttp2_session_client_new(&made, callbacks, Unmanaged.passUnretained(inbox).toOpaque())
        guard result == 0, let made = unsafe made else { throw Failure(code: result) }
        unsafe session = made
        if let upgrade {
            inbox.answers[1] = Answer()
            let result = unsafe nghttp2_session_upgrade2(session, upgrade, upgrade.count, 0, nil)
            guard result == 0 else { throw Failure(code: result) }
        }
        let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.0), value: $0.1) }
        _ = unsafe nghttp2_submit_settings(session, 0, entries, entries.count)
    }

    deinit { unsafe nghttp2_session_del(session) }

    struct Failure: Error { var code: Int32 }

    subscript(_ stream: Int32) -> Answer { inbox.answers[stream] ?? Answer() }
    var goAways: [(last: Int32, code: HTTP2ErrorCode)] { inbox.goAways }
    var faults: [String] { inbox.faults }
    var pings: Int { inbox.pings }

    /// Whether the library holds the connection for ended.
    var isOver: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    /// Submits a request, which is sent by `exchange`. Returns its stream.
    func submit(_ fields: H2.Fields, body: [UInt8]? = nil, trailers: H2.Fields = []) -> Int32 {
        guard body != nil || !trailers.isEmpty else {
            return unsafe pairs(fields) { unsafe nghttp2_submit_request(session, nil, $0, $1, nil, nil) }
        }
        let upload = Upload(body ?? [], trailers: trailers)
        uploads.append(upload)
        var provider = unsafe nghttp2_data_provider(
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(upload).toOpaque()), read_callback: Self.read)
        return unsafe pairs(fields) { unsafe nghttp2_submit_request(session, nil, $0, $1, &provider, nil) }
    }

    func reset(_ stream: Int32, _ code: HTTP2ErrorCode = .cancel) {
        _ = unsafe nghttp2_submit_rst_stream(session, 0, stream, code.rawValue)
    }

    func ping() { _ = unsafe nghttp2_submit_ping(session, 0, nil) }

    /// Lets both sides say all they have to say. `bytes` came from the server before.
    func exchange(_ bytes: [UInt8] = []) {
        receive(bytes)
        while true {
            let output = nextOutput()
            if output.isEmpty { return }
            receive(conversation.receive(output))
        }
    }

    private func receive(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let count = unsafe cnghttp2_receive(session, bytes, bytes.count)
        if count != bytes.count { inbox.faults.append("received \(count) of \(bytes.count)") }
    }

    private func nextOutput() -> [UInt8] {
        var output: [UInt8] = []
        while true {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe cnghttp2_next_frame(session, &bytes)
            if count < 0 { inbox.faults.append("cannot send: \(count)") }
            guard count > 0 else { return output }
            unsafe output += UnsafeBufferPointer(start: bytes, count: Int(count))
        }
    }

    private func pairs<R>(_ fields: H2.Fields, _ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
        unsafe Self.withPairs(fields, body)
    }

    /// The fields as the library takes them, which copies them.
    private static func withPairs<R>(_ fields: H2.Fields, _ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
        var bytes = fields.flatMap { Array($0.utf8) + Array($1.utf8) }
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            var pairs: [nghttp2_nv] = unsafe []
            for (name, value) in fields {
                let (names, values) = (name.utf8.count, value.utf8.count)
                unsafe pairs.append(
                    nghttp2_nv(
                        name: start, value: start.map { unsafe $0 + names }, namelen: names, valuelen: values, flags: 0)
                )
                unsafe start = start.map { unsafe $0 + names + values }
            }
            return unsafe body(pairs, pairs.count)
        }
    }

    private static let read: nghttp2_data_source_read_callback = { session, stream, buffer, room, flags, source, _ in
        guard let pointer = unsafe source?.pointee.ptr, let buffer = unsafe buffer else { return 0 }
        let upload = unsafe Unmanaged<Upload>.fromOpaque(pointer).takeUnretainedValue()
        let part = upload.rest.prefix(room)
        for (index, byte) in part.enumerated() { unsafe buffer[index] = byte }
        upload.rest = upload.rest.dropFirst(part.count)
        guard upload.rest.isEmpty else { return part.count }
        unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if !upload.trailers.isEmpty {
            unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            _ = unsafe withPairs(upload.trailers) { unsafe nghttp2_submit_trailer(session, stream, $0, $1) }
        }
        return part.count
    }

    // MARK: What the library tells

    private static func setCallbacks(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            guard let stream = unsafe frame?.pointee.hd.stream_id else { return 0 }
            unsafe inboxOf(context)?.answers[stream, default: Answer()].heads.append([])
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, context in
            guard let stream = unsafe frame?.pointee.hd.stream_id, let inbox = unsafe inboxOf(context) else { return 0 }
            let field = unsafe (
                String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self),
                String(decoding: UnsafeBufferPointer(start: value, count: valueLength), as: UTF8.self)
            )
            let last = inbox.answers[stream, default: Answer()].heads.count - 1
            inbox.answers[stream]?.heads[last].append(field)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, bytes, count, context in
            unsafe inboxOf(context)?.answers[stream, default: Answer()].body += UnsafeBufferPointer(
                start: bytes, count: count)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            unsafe inboxOf(context)?.answers[stream, default: Answer()].ending = HTTP2ErrorCode(rawValue: code)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            guard let frame = unsafe frame?.pointee, let inbox = unsafe inboxOf(context) else { return 0 }
            switch unsafe UInt32(frame.hd.type) {
            case NGHTTP2_GOAWAY.rawValue:
                inbox.goAways.append(
                    unsafe (frame.goaway.last_stream_id, HTTP2ErrorCode(rawValue: frame.goaway.error_code)))
            case NGHTTP2_PING.rawValue where unsafe frame.hd.flags & 1 != 0: inbox.pings += 1
            default: break
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, frame, code, context in
            unsafe inboxOf(context)?.faults.append("a frame of type \(frame?.pointee.hd.type ?? 0): \(code)")
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) {
            _, _, name, nameLength, _, _, _, context in
            let name = unsafe String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self)
            unsafe inboxOf(context)?.faults.append("the field \(name)")
            return 0
        }
    }
}

private func inboxOf(_ context: UnsafeMutableRawPointer?) -> NGHTTP2Client.Inbox? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<NGHTTP2Client.Inbox>.fromOpaque(context).takeUnretainedValue()
}
