#if defined(__x86_64__)

#include "Int4Vectors.h"

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"), min_vector_width(512))), apply_to = function)

enum { many_rows = 8, many_rows_steps = 2, one_row_steps = 8 };

// A permutation looks at the lowest four bits of each lane.
#define UNPACK(words, place)                                                                                        \
    ((float16)_mm512_permutexvar_ps((__m512i)((words) >> (4 * (place))), (__m512)integers_as_numbers))

static const float16 integers_as_numbers = {0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1};

#include "Int4Template.h"

#pragma clang attribute pop

const struct int4_kernels int4_avx512 = {"avx512", multiply};

#endif
