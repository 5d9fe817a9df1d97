#include "Int4Vectors.h"

enum { many_rows = 4, many_rows_steps = 1, one_row_steps = 1 };

// The sign comes down with an arithmetic shift.
#define UNPACK(words, place)                                                                                        \
    __builtin_convertvector((int16)((words) << (28 - 4 * (place))) >> 28, float16)

#include "Int4Template.h"

const struct int4_kernels int4_plain = {"plain", multiply};
