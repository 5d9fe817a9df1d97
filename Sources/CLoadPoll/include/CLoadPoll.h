// epoll(7) for a load generator. Without system headers, so that whoever imports it sees nothing of theirs twice.
#ifndef CLOADPOLL_H
#define CLOADPOLL_H

// What happened to a socket.
struct load_event {
    unsigned index;
    _Bool is_readable;
    _Bool is_writable;
};

// A new epoll, or -1 with errno.
int load_poll_create(void);

// Watches a socket for reading, and for writing too when asked; `is_new` unless it is watched already.
int load_poll_watch(int poll, int socket, unsigned index, _Bool writing, _Bool is_new);

// Waits at most for some nanoseconds. The number of events, 0 after an interruption.
int load_poll_wait(int poll, struct load_event *events, int room, long nanoseconds);

// Lets the waits of the calling thread end when they should, not up to 50 microseconds later.
void load_poll_be_punctual(void);

#endif
