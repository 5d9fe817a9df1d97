#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

/// The calls of `malloc` and its kin on this thread so far, of everything in the process: what links this target gets its
/// memory through functions that count.
long allocation_count(void);

/// Those of them that asked for a kibibyte or more.
long large_allocation_count(void);

/// Whether memory at rounded addresses (`posix_memalign`) is counted: the thread sanitizer tells nobody of it.
_Bool counts_aligned(void);

#endif
