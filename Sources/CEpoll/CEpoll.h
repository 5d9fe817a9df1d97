// The parts of Linux that Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Behind _GNU_SOURCE, which a module cannot define for another.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
