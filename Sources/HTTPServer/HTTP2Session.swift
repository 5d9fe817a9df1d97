import CNGHTTP2

/// nghttp2's side of one connection: it frames and unframes, packs and unpacks fields (HPACK, RFC 7541), counts windows and
/// keeps the rules of RFC 9113. It does no I/O; what it reads it tells its delegate.
///
/// This is the one file that touches the library. Confined to the thread of the connection's loop.
@safe struct HTTP2Session: ~Copyable {
    /// What a session offers the client.
    struct Offer {
        var maxConcurrentStreams: Int
        /// The largest field section, as SETTINGS_MAX_HEADER_LIST_SIZE counts it.
        var maxFieldBytes: Int
        /// How many bytes of a body a client may send on one stream before any is consumed.
        var streamWindow: Int
        /// And on all streams together.
        var connectionWindow: Int
    }

    /// What the delegate has left to send on a stream.
    struct Rest {
        var count: Int
        /// Whether nothing will come behind it.
        var isLast = true
        /// Sent behind the last byte.
        var trailers: HTTP2FieldBlock?
    }

    /// What callbacks are given: the way from C back to the delegate, which owns the session and so outlives it.
    fileprivate final class Context {
        unowned(unsafe) let delegate: any HTTP2SessionDelegate

        init(_ delegate: any HTTP2SessionDelegate) { unsafe self.delegate = delegate }
    }

    private let session: OpaquePointer
    private let memory: UnsafeMutablePointer<cnghttp2_memory>
    private let context: Context

    /// A session that begins with the client's preface. Nil when there is no memory for it.
    init?(_ offer: Offer, delegate: any HTTP2SessionDelegate) {
        context = Context(delegate)
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: cnghttp2_memory())
        guard let made = unsafe Self.make(offer, Unmanaged.passUnretained(context).toOpaque(), memory) else {
            unsafe cnghttp2_release(memory)
            unsafe memory.deallocate()
            return nil
        }
        unsafe session = made
        let settings = [
            (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, offer.maxConcurrentStreams),
            (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, offer.streamWindow),
            (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, offer.maxFieldBytes),
            // The tree of RFC 7540 is gone from RFC 9113; without it PRIORITY frames cost nothing.
            (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ].map { nghttp2_settings_entry(settings_id: Int32($0.rawValue), value: UInt32(clamping: $1)) }
        _ = unsafe nghttp2_submit_settings(session, Self.noFlags, settings, settings.count)
        _ = unsafe nghttp2_session_set_local_window_size(
            session, Self.noFlags, 0, Int32(clamping: offer.connectionWindow))
    }

    deinit {
        unsafe nghttp2_session_del(session)
        unsafe cnghttp2_release(memory)
        unsafe memory.deallocate()
    }

    private static let noFlags = UInt8(NGHTTP2_FLAG_NONE.rawValue)

    // MARK: Bytes

    /// Reads bytes, all of them. Returns why the connection cannot go on when the session itself has not said so.
    func receive(_ input: Span<UInt8>) -> HTTP2ErrorCode? {
        let result = unsafe input.withUnsafeBufferPointer { bytes in
            unsafe cnghttp2_receive(session, bytes.baseAddress, bytes.count)
        }
        if result >= 0 { return nil }
        return switch Int32(clamping: result) {
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: .protocolError
        case NGHTTP2_ERR_NOMEM.rawValue, NGHTTP2_ERR_CALLBACK_FAILURE.rawValue: .internalError
        // Too many answers that nobody takes, too many CONTINUATION frames, and what later releases may add.
        default: .enhanceYourCalm
        }
    }

    /// Shows the next frame that has to be sent, or has the delegate write it. False when there is none for now.
    func nextFrame(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var bytes: UnsafePointer<UInt8>?
        let count = unsafe cnghttp2_next_frame(session, &bytes)
        guard count > 0, let start = unsafe bytes else { return false }
        unsafe body(UnsafeRawBufferPointer(start: start, count: Int(count)))
        return true
    }

    /// Whether all is over: nothing will be read and nothing is left to send.
    var isOver: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    /// Whether there is nothing to send now.
    var isSilent: Bool { unsafe nghttp2_session_want_write(session) == 0 }

    /// Gives back memory that is not needed while nothing happens.
    func rest() { unsafe cnghttp2_rest(session, memory) }

    // MARK: Streams

    /// Begins an answer; the delegate is asked for its body if it has one. False if the stream is gone.
    func respond(on stream: Int32, _ fields: HTTP2FieldBlock, hasBody: Bool) -> Bool {
        let result = unsafe fields.withNameValuePairs { pairs in
            unsafe cnghttp2_submit_response(session, stream, pairs.baseAddress, pairs.count, hasBody ? readBody : nil)
        }
        return result == 0
    }

    /// Sends fields that do not end the stream: an interim head, or one that only trailers follow.
    func submitHead(on stream: Int32, _ fields: HTTP2FieldBlock) -> Bool {
        let result = unsafe fields.withNameValuePairs { pairs in
            unsafe nghttp2_submit_headers(
                session, Self.noFlags, stream, nil, pairs.baseAddress, pairs.count, nil)
        }
        return result >= 0
    }

    /// Ends the stream with trailers.
    func submitTrailers(on stream: Int32, _ fields: HTTP2FieldBlock) -> Bool {
        let result = unsafe fields.withNameValuePairs { pairs in
            unsafe nghttp2_submit_trailer(session, stream, pairs.baseAddress, pairs.count)
        }
        return result == 0
    }

    /// Shares the connection between this answer and others of its urgency, part by part, unless the client asked for
    /// something else (RFC 9218, section 4.2).
    func makeIncremental(_ stream: Int32) {
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        _ = unsafe nghttp2_session_change_extpri_stream_priority(session, stream, &priority, 0)
    }

    /// Goes on with an answer that has waited for more of its body.
    func resume(_ stream: Int32) { _ = unsafe nghttp2_session_resume_data(session, stream) }

    /// Ends a stream.
    func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        _ = unsafe nghttp2_submit_rst_stream(session, Self.noFlags, stream, code.rawValue)
    }

    /// Whether the client lets nothing more be sent on the stream.
    func isStalled(_ stream: Int32) -> Bool {
        unsafe nghttp2_session_get_stream_remote_window_size(session, stream) <= 0
    }

    /// Lets the client send so many bytes more on the stream.
    func consume(_ count: Int, on stream: Int32) {
        _ = unsafe nghttp2_session_consume_stream(session, stream, count)
    }

    /// Lets the client send so many bytes on the stream before any is consumed.
    func widen(_ stream: Int32, to window: Int) {
        _ = unsafe nghttp2_session_set_local_window_size(session, Self.noFlags, stream, Int32(clamping: window))
    }

    /// Lets the client send so many bytes more on the connection.
    func consume(_ count: Int) {
        _ = unsafe nghttp2_session_consume_connection(session, count)
    }

    // MARK: The connection

    /// Takes over a connection whose first request came as HTTP/1.1 and is stream 1 from here on (RFC 7540, section 3.2).
    /// False if its settings make no sense.
    func upgrade(settings: [UInt8], isHead: Bool) -> Bool {
        unsafe nghttp2_session_upgrade2(session, settings, settings.count, isHead ? 1 : 0, nil) == 0
    }

    /// Asks the client to answer.
    func ping() { _ = unsafe nghttp2_submit_ping(session, Self.noFlags, nil) }

    /// Tells the client that the end is near (RFC 9113, section 6.8): the first of two GOAWAY frames.
    func announceEnd() { _ = unsafe nghttp2_submit_shutdown_notice(session) }

    /// Takes no more streams; those that have begun go on.
    func goAway(_ code: HTTP2ErrorCode) {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        _ = unsafe nghttp2_submit_goaway(session, Self.noFlags, last, code.rawValue, nil, 0)
    }

    /// Ends the connection: nothing but the GOAWAY is sent any more.
    func terminate(_ code: HTTP2ErrorCode) { _ = unsafe nghttp2_session_terminate_session(session, code.rawValue) }

    // MARK: Making one

    private static func make(
        _ offer: Offer, _ context: UnsafeMutableRawPointer, _ memory: UnsafeMutablePointer<cnghttp2_memory>
    ) -> OpaquePointer? {
        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        var session: OpaquePointer?
        guard unsafe nghttp2_option_new(&options) == 0 else { return nil }
        defer { unsafe nghttp2_option_del(options) }
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_reserved_remote_streams(options, 0)
        unsafe nghttp2_option_set_peer_max_concurrent_streams(options, UInt32(clamping: offer.maxConcurrentStreams))
        // As many as the largest head can need in frames of the smallest maximum size, and a few for odd cuts.
        unsafe cnghttp2_set_max_continuations(options, 8 + offer.maxFieldBytes >> 14)
        unsafe cnghttp2_set_stream_reset_rate_limit(options, 1000, 1000)
        unsafe setCallbacks(callbacks)
        guard unsafe cnghttp2_server_new(&session, callbacks, context, options, memory) == 0 else { return nil }
        return unsafe session
    }

    private static func setCallbacks(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, context in
            unsafe delegate(context)?.frameBegan(HTTP2Frame(header?.pointee))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { session, frame, context in
            guard let frame = unsafe frame?.pointee, let owner = unsafe delegate(context) else { return 0 }
            let areTrailers = unsafe frame.headers.cat != NGHTTP2_HCAT_REQUEST
            guard let code = owner.fieldsBegan(on: unsafe frame.hd.stream_id, areTrailers: areTrailers) else {
                return 0
            }
            _ = unsafe nghttp2_submit_rst_stream(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), frame.hd.stream_id, code.rawValue)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, context in
            guard let frame = unsafe frame?.pointee, let owner = unsafe delegate(context) else { return 0 }
            unsafe owner.field(
                on: frame.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameLength),
                value: UnsafeBufferPointer(start: value, count: valueLength))
            return 0
        }
        // A field that the library would leave out makes the request malformed (RFC 9113, section 8.2.1).
        unsafe nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, _, _, _, _, _, _, _ in
            NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, bytes, count, context in
            unsafe delegate(context)?.data(on: stream, UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            unsafe delegate(context)?.frameReceived(HTTP2Frame(frame))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            unsafe delegate(context)?.frameSent(HTTP2Frame(frame))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            unsafe delegate(context)?.streamClosed(stream, HTTP2ErrorCode(rawValue: code))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, _, context in
            guard let stream = unsafe frame?.pointee.hd.stream_id, let owner = unsafe delegate(context) else {
                return 0
            }
            // Nine bytes: a frame's header (RFC 9113, section 4.1). No padding is ever asked for.
            let wasWritten = unsafe owner.writeData(
                on: stream, header: UnsafeRawBufferPointer(start: header, count: 9), count: count)
            return wasWritten ? 0 : NGHTTP2_ERR_WOULDBLOCK.rawValue
        }
    }
}

/// What a session tells and asks while it reads and writes. No method may make it read or write in turn.
protocol HTTP2SessionDelegate: AnyObject {
    /// A frame begins to arrive, which may yet turn out to be wrong.
    func frameBegan(_ frame: HTTP2Frame)
    /// A field section begins on a stream, a new one unless they are trailers. A code refuses it.
    func fieldsBegan(on stream: Int32, areTrailers: Bool) -> HTTP2ErrorCode?
    /// A well-formed field of that section.
    func field(on stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)
    /// Bytes of a body.
    func data(on stream: Int32, _ bytes: UnsafeRawBufferPointer)
    /// A frame is complete and valid.
    func frameReceived(_ frame: HTTP2Frame)
    /// A frame was given out to be sent.
    func frameSent(_ frame: HTTP2Frame)
    /// A stream has ended, one way or another.
    func streamClosed(_ stream: Int32, _ code: HTTP2ErrorCode)
    /// What is left of an answer's body.
    func rest(on stream: Int32) -> HTTP2Session.Rest
    /// Writes a frame's header and the next bytes of the body. False if there is no room now.
    func writeData(on stream: Int32, header: UnsafeRawBufferPointer, count: Int) -> Bool
}

private func delegate(_ context: UnsafeMutableRawPointer?) -> (any HTTP2SessionDelegate)? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<HTTP2Session.Context>.fromOpaque(context).takeUnretainedValue().delegate
}

/// Tells the library how much of a body comes next, where it ends, and what follows it. The bytes themselves are written
/// by `writeData`, from where they lie.
private func readBody(
    session: OpaquePointer?, stream: Int32, buffer: UnsafeMutablePointer<UInt8>?, room: Int,
    flags: UnsafeMutablePointer<UInt32>?, source: UnsafeMutablePointer<nghttp2_data_source>?,
    context: UnsafeMutableRawPointer?
) -> Int {
    guard let owner = unsafe delegate(context) else {
        return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    let rest = owner.rest(on: stream)
    // It waits until it is resumed.
    if rest.count == 0, !rest.isLast { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
    let count = min(rest.count, room)
    var meaning = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    if count == rest.count, rest.isLast {
        meaning |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = rest.trailers, let session = unsafe session {
            meaning |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            let result = unsafe trailers.withNameValuePairs { pairs in
                unsafe nghttp2_submit_trailer(session, stream, pairs.baseAddress, pairs.count)
            }
            guard result == 0 else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        }
    }
    unsafe flags?.pointee |= meaning
    return count
}

extension HTTP2FieldBlock {
    /// Calls `body` with the fields as the library takes them.
    fileprivate func withNameValuePairs<R>(_ body: (UnsafeMutableBufferPointer<nghttp2_nv>) -> R) -> R {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, fields.count)) { pairs in
                let start = unsafe UnsafeMutablePointer(mutating: bytes.baseAddress)
                for (index, field) in fields.enumerated() {
                    let flags = field.isUnique ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE
                    unsafe pairs.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: start.map { unsafe $0 + field.name.lowerBound },
                            value: start.map { unsafe $0 + field.value.lowerBound }, namelen: field.name.count,
                            valuelen: field.value.count, flags: UInt8(flags.rawValue)))
                }
                return unsafe body(UnsafeMutableBufferPointer(rebasing: pairs[..<fields.count]))
            }
        }
    }
}

extension HTTP2Frame {
    fileprivate init(_ header: nghttp2_frame_hd?) {
        self.init(
            kind: header.flatMap { Kind(rawValue: $0.type) }, flags: header?.flags ?? 0, stream: header?.stream_id ?? 0,
            length: header?.length ?? 0)
    }

    fileprivate init(_ frame: UnsafePointer<nghttp2_frame>?) {
        guard let frame = unsafe frame else {
            self.init(nil as nghttp2_frame_hd?)
            return
        }
        self.init(unsafe frame.pointee.hd)
        switch kind {
        case .resetStream: errorCode = HTTP2ErrorCode(rawValue: unsafe frame.pointee.rst_stream.error_code)
        case .goAway: errorCode = HTTP2ErrorCode(rawValue: unsafe frame.pointee.goaway.error_code)
        default: break
        }
    }
}
