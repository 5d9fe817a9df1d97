#if defined(__x86_64__)

#include "Int4Vectors.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

enum { many_rows = 4, many_rows_steps = 1, one_row_steps = 4 };

// The sign comes down with an arithmetic shift.
#define UNPACK(words, place)                                                                                        \
    __builtin_convertvector((int16)((words) << (28 - 4 * (place))) >> 28, float16)

#include "Int4Template.h"

#pragma clang attribute pop

const struct int4_kernels int4_avx2 = {"avx2", multiply};

#endif
