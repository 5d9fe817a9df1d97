// libnghttp2, and what differs between its releases. Debian 12 has 1.52 with security fixes of later ones.
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

// Memory of a session that holds nothing while the session has nothing to do: a connection that keeps still is to cost
// little, and the two make up most of what it costs. They have pages of their own, which go back to the system at a rest and
// come again with the next byte that is written to them. The pages are mapped: between those of a heap there would be gaps.
struct cnghttp2_memory {
    unsigned char *pages;
    void *frames;
    void *table;
    int is_complete;
};

#define CNGHTTP2_PAGE 4096
// Where frames are put together to be sent: a header, its padding, and the largest payload.
#define CNGHTTP2_FRAMES (9 + 1 + 16384)
#define CNGHTTP2_FRAME_PAGES (5 * CNGHTTP2_PAGE)
// What the table of streams begins with.
#define CNGHTTP2_TABLE 4096
#define CNGHTTP2_ALL_PAGES (CNGHTTP2_FRAME_PAGES + CNGHTTP2_TABLE)

// All of them, zero at first; nil when there is no memory.
static inline unsigned char *cnghttp2_pages(struct cnghttp2_memory *memory) {
    if (memory->pages) return memory->pages;
    void *pages = mmap(NULL, CNGHTTP2_ALL_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory->pages = pages == MAP_FAILED ? NULL : (unsigned char *)pages;
}

// Once the session is gone.
static inline void cnghttp2_release(struct cnghttp2_memory *memory) {
    if (memory->pages) munmap(memory->pages, CNGHTTP2_ALL_PAGES);
}

static inline void *cnghttp2_malloc(size_t size, void *user) {
    struct cnghttp2_memory *memory = (struct cnghttp2_memory *)user;
    if (memory->is_complete || memory->frames || size != CNGHTTP2_FRAMES) return malloc(size);
    return memory->frames = cnghttp2_pages(memory);
}

static inline void *cnghttp2_calloc(size_t count, size_t size, void *user) {
    struct cnghttp2_memory *memory = (struct cnghttp2_memory *)user;
    if (memory->is_complete || memory->table || count * size != CNGHTTP2_TABLE || !cnghttp2_pages(memory)) {
        return calloc(count, size);
    }
    return memory->table = memory->pages + CNGHTTP2_FRAME_PAGES;
}

// Whether the bytes were the session's pages, which are used no more.
static inline int cnghttp2_forget(void *bytes, struct cnghttp2_memory *memory) {
    if (bytes == memory->frames) return memory->frames = NULL, 1;
    if (bytes == memory->table) return memory->table = NULL, 1;
    return 0;
}

static inline void cnghttp2_free(void *bytes, void *user) {
    if (bytes && !cnghttp2_forget(bytes, (struct cnghttp2_memory *)user)) free(bytes);
}

static inline void *cnghttp2_realloc(void *bytes, size_t size, void *user) {
    struct cnghttp2_memory *memory = (struct cnghttp2_memory *)user;
    if (!bytes) return cnghttp2_malloc(size, user);
    size_t before = bytes == memory->frames ? CNGHTTP2_FRAMES : bytes == memory->table ? CNGHTTP2_TABLE : 0;
    if (!before) return realloc(bytes, size);
    void *moved = malloc(size);
    if (!moved) return NULL;
    memcpy(moved, bytes, size < before ? size : before);
    cnghttp2_forget(bytes, memory);
    return moved;
}

// `memory` has to outlive the session.
static inline int cnghttp2_server_new(
    nghttp2_session **session, const nghttp2_session_callbacks *callbacks, void *context, const nghttp2_option *option,
    struct cnghttp2_memory *memory) {
    nghttp2_mem functions = {memory, cnghttp2_malloc, cnghttp2_free, cnghttp2_calloc, cnghttp2_realloc};
    int result = nghttp2_session_server_new3(session, callbacks, context, option, &functions);
    memory->is_complete = 1;
    return result;
}

// Gives pages back, as long as nothing is to be sent. Of the table only when all of it is zero, as an empty one is: zero is
// what it comes back as.
static inline void cnghttp2_rest(nghttp2_session *session, struct cnghttp2_memory *memory) {
    if (nghttp2_session_want_write(session)) return;
    if (memory->frames) madvise(memory->frames, CNGHTTP2_FRAME_PAGES, MADV_DONTNEED);
    const unsigned char *table = (const unsigned char *)memory->table;
    if (table && table[0] == 0 && memcmp(table, table + 1, CNGHTTP2_TABLE - 1) == 0) {
        madvise(memory->table, CNGHTTP2_TABLE, MADV_DONTNEED);
    }
}
