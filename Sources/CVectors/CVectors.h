// Operations on 16 lanes, one vector operation each.
//
// Swift's standard library spells the arithmetic of its SIMD types out lane by lane and leaves it to the optimiser to
// find the vectors again, which it does now for 16 lanes, now for 4. These are vectors from the start. All are inlined:
// compiled with the flags of the Swift module that imports them, there is no object code of this header's own.

#ifndef CVECTORS_H
#define CVECTORS_H

#if defined(__AVX2__)
#include <immintrin.h>
#endif

typedef float vector_float16 __attribute__((ext_vector_type(16)));
typedef int vector_int16 __attribute__((ext_vector_type(16)));
typedef double vector_double16 __attribute__((ext_vector_type(16)));

#define VECTOR_OPERATION static inline __attribute__((always_inline, const, unused))

VECTOR_OPERATION vector_float16 vector_add(vector_float16 a, vector_float16 b) { return a + b; }
VECTOR_OPERATION vector_float16 vector_subtract(vector_float16 a, vector_float16 b) { return a - b; }
VECTOR_OPERATION vector_float16 vector_multiply(vector_float16 a, vector_float16 b) { return a * b; }
VECTOR_OPERATION vector_float16 vector_divide(vector_float16 a, vector_float16 b) { return a / b; }

/// `a * b + c`, rounded once.
VECTOR_OPERATION vector_float16 vector_fma(vector_float16 a, vector_float16 b, vector_float16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

VECTOR_OPERATION vector_int16 vector_add_bits(vector_int16 a, vector_int16 b) {
    typedef unsigned unsigned16 __attribute__((ext_vector_type(16)));
    return (vector_int16)((unsigned16)a + (unsigned16)b);
}

VECTOR_OPERATION vector_int16 vector_subtract_bits(vector_int16 a, vector_int16 b) {
    typedef unsigned unsigned16 __attribute__((ext_vector_type(16)));
    return (vector_int16)((unsigned16)a - (unsigned16)b);
}

VECTOR_OPERATION vector_int16 vector_and(vector_int16 a, vector_int16 b) { return a & b; }
VECTOR_OPERATION vector_int16 vector_or(vector_int16 a, vector_int16 b) { return a | b; }
VECTOR_OPERATION vector_int16 vector_exclusive_or(vector_int16 a, vector_int16 b) { return a ^ b; }

/// `count` must be in 0 ... 31.
VECTOR_OPERATION vector_int16 vector_shift_left(vector_int16 a, int count) { return a << (count & 31); }

/// Arithmetic: the sign is spread. `count` must be in 0 ... 31.
VECTOR_OPERATION vector_int16 vector_shift_right(vector_int16 a, int count) { return a >> (count & 31); }

/// Per lane `mask ? yes : no`, where a mask's lanes are 0 or -1.
VECTOR_OPERATION vector_float16 vector_select(vector_int16 mask, vector_float16 yes, vector_float16 no) {
    return mask ? yes : no;
}

#endif
