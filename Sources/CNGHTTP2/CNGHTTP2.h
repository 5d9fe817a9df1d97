// libnghttp2, and what differs between its releases. Debian 12 has 1.52 with security fixes of later ones.
#include <nghttp2/nghttp2.h>

// Since 1.57 and 1.61, and in Debian's 1.52; elsewhere these are missing from the header and from the library, and the
// server's own limits stand alone.
extern void nghttp2_option_set_stream_reset_rate_limit(nghttp2_option *, uint64_t, uint64_t) __attribute__((weak));
extern void nghttp2_option_set_max_continuations(nghttp2_option *, size_t) __attribute__((weak));

static inline void cnghttp2_set_stream_reset_rate_limit(nghttp2_option *option, uint64_t burst, uint64_t rate) {
    if (nghttp2_option_set_stream_reset_rate_limit) nghttp2_option_set_stream_reset_rate_limit(option, burst, rate);
}

static inline void cnghttp2_set_max_continuations(nghttp2_option *option, size_t count) {
    if (nghttp2_option_set_max_continuations) nghttp2_option_set_max_continuations(option, count);
}

// Since 1.60 these have successors of other names and the first ones are deprecated; the first ones are everywhere.
static inline int64_t cnghttp2_receive(nghttp2_session *session, const uint8_t *bytes, size_t count) {
    return nghttp2_session_mem_recv(session, bytes, count);
}

static inline int64_t cnghttp2_next_frame(nghttp2_session *session, const uint8_t **bytes) {
    return nghttp2_session_mem_send(session, bytes);
}

// A body whose bytes `read` announces and the session's send-data callback writes.
static inline int cnghttp2_submit_response(
    nghttp2_session *session, int32_t stream, const nghttp2_nv *fields, size_t count,
    nghttp2_data_source_read_callback read) {
    nghttp2_data_provider body = {.source = {.fd = 0}, .read_callback = read};
    return nghttp2_submit_response(session, stream, fields, count, read ? &body : NULL);
}
