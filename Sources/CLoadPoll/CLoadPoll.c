#define _GNU_SOURCE
#include "CLoadPoll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

enum { most_events = 256 };

int load_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int load_poll_watch(int poll, int socket, unsigned index, _Bool writing, _Bool is_new) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.u32 = index};
    return epoll_ctl(poll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
}

int load_poll_wait(int poll, struct load_event *events, int room, long nanoseconds) {
    struct epoll_event found[most_events];
    if (room > most_events) room = most_events;
    int count;
    if (nanoseconds <= 0) {
        count = epoll_wait(poll, found, room, 0);
    } else {
        struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
        count = epoll_pwait2(poll, found, room, &time, NULL);
        // Linux before 5.11 waits in whole milliseconds: rather too short than too long.
        if (count < 0 && errno == ENOSYS) count = epoll_wait(poll, found, room, (int)(nanoseconds / 1000000));
    }
    for (int i = 0; i < count; i++) {
        events[i].index = found[i].data.u32;
        events[i].is_readable = (found[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
        events[i].is_writable = (found[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
    }
    return count < 0 ? 0 : count;
}

void load_poll_be_punctual(void) { prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul); }
