// What the C library's allocator has beside malloc(3) and free(3), which Glibc's module leaves out.
#ifndef CMALLOC_H
#define CMALLOC_H
#include <malloc.h>
#endif
