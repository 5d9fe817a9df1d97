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

/// The greater of each two lanes.
VECTOR_OPERATION vector_int16 vector_greater_bits(vector_int16 a, vector_int16 b) {
    return __builtin_elementwise_max(a, b);
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

typedef float vector_float8 __attribute__((ext_vector_type(8)));

// Two values put in order, NaN counting as the lesser: `a` is kept where it is above `b`, and passed on otherwise.

VECTOR_OPERATION vector_float16 vector_kept16(vector_float16 a, vector_float16 b) { return a > b ? a : b; }
VECTOR_OPERATION vector_float16 vector_passed16(vector_float16 a, vector_float16 b) { return a > b ? b : a; }
VECTOR_OPERATION vector_float8 vector_kept8(vector_float8 a, vector_float8 b) { return a > b ? a : b; }
VECTOR_OPERATION vector_float8 vector_passed8(vector_float8 a, vector_float8 b) { return a > b ? b : a; }

typedef double vector_double16 __attribute__((ext_vector_type(16)));

/// Exact.
VECTOR_OPERATION vector_double16 vector_widen(vector_float16 a) { return __builtin_convertvector(a, vector_double16); }

/// Rounded to the nearest.
VECTOR_OPERATION vector_float16 vector_narrow(vector_double16 a) { return __builtin_convertvector(a, vector_float16); }

VECTOR_OPERATION vector_double16 vector_add_double(vector_double16 a, vector_double16 b) { return a + b; }
VECTOR_OPERATION vector_double16 vector_subtract_double(vector_double16 a, vector_double16 b) { return a - b; }
VECTOR_OPERATION vector_double16 vector_divide_double(vector_double16 a, vector_double16 b) { return a / b; }

/// `a * b + c`, rounded once.
VECTOR_OPERATION vector_double16 vector_fma_double(vector_double16 a, vector_double16 b, vector_double16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

/// The sum of all lanes, in the tree of the float32 sums: each lane and the one 8 further, of these 8 `i` and `i + 4`, ...
VECTOR_OPERATION double vector_sum_double(vector_double16 a) {
    typedef double double8 __attribute__((ext_vector_type(8)));
    typedef double double4 __attribute__((ext_vector_type(4)));
    typedef double double2 __attribute__((ext_vector_type(2)));
    const double8 eight = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7)
                        + __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
    const double4 four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3)
                       + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    const double2 two = __builtin_shufflevector(four, four, 0, 1) + __builtin_shufflevector(four, four, 2, 3);
    return two[0] + two[1];
}

/// Whether any lane of a mask is set.
VECTOR_OPERATION int vector_any(vector_int16 mask) { return __builtin_reduce_or(mask) != 0; }

/// The first `count` of 16 values, 0 to 16 of them, and zeros in the other lanes; nothing else is read.
static inline __attribute__((always_inline, unused)) vector_float16 vector_load_first(const float *values, long count) {
#if defined(__AVX512F__)
    return (vector_float16)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), values);
#elif defined(__AVX2__)
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i low = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lanes);
    const __m256i high = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count - 8), lanes);
    // A lane that is not loaded makes no fault, even where its address could not be read.
    const vector_float8 a = (vector_float8)_mm256_maskload_ps(values, low);
    const vector_float8 b = (vector_float8)_mm256_maskload_ps(values + 8, high);
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    vector_float16 vector = 0;
    __builtin_memcpy(&vector, values, (unsigned long)count * sizeof(float));
    return vector;
#endif
}

// Halves of what is left of chains, added: each of these functions takes two vectors of groups of lanes (one of 16, two
// of 8, four of 4 or eight of 2), adds the first half of each group to the second, and gives all halves in one vector.

VECTOR_OPERATION vector_float16 vector_fold16(vector_float16 a, vector_float16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
         + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

VECTOR_OPERATION vector_float16 vector_fold8(vector_float16 a, vector_float16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
         + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/// The groups of the two vectors alternate in the result.
VECTOR_OPERATION vector_float16 vector_fold4(vector_float16 a, vector_float16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
         + __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

/// Two groups of each vector in turn.
VECTOR_OPERATION vector_float16 vector_fold2(vector_float16 a, vector_float16 b) {
    return __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30)
         + __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

/// Asks for the cache line at an address, which may be any.
static inline __attribute__((always_inline, unused)) void prefetch_line(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// The same, into the second-level cache.
static inline __attribute__((always_inline, unused)) void prefetch_far(const void *address) {
    __builtin_prefetch(address, 0, 2);
}

/// Zero, of which the compiler does not know that it is: it would write known zeros to the stack only to read them again.
static inline __attribute__((always_inline, unused)) unsigned opaque_zero(void) {
    unsigned zero = 0;
    __asm__("" : "+r"(zero));
    return zero;
}

// For adding up lanes: of each half, group of four, pair or lane, those that are first (low) and those that are second
// (high), of two vectors at a time.

#define VECTOR_PAIRING(name, ...)                                                                                      \
    VECTOR_OPERATION vector_float16 name(vector_float16 a, vector_float16 b) {                                         \
        return __builtin_shufflevector(a, b, __VA_ARGS__);                                                             \
    }

VECTOR_PAIRING(vector_low_halves, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
VECTOR_PAIRING(vector_high_halves, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
VECTOR_PAIRING(vector_low_quarters, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
VECTOR_PAIRING(vector_high_quarters, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
VECTOR_PAIRING(vector_low_pairs, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
VECTOR_PAIRING(vector_high_pairs, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
VECTOR_PAIRING(vector_low_lanes, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30)
VECTOR_PAIRING(vector_high_lanes, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31)

#if defined(__AVX512F__)
/// Stores the first `count` of 16 lanes, 0 to 16 of them.
static inline __attribute__((always_inline, unused)) void vector_store_first(
    vector_float16 lanes, float *values, long count) {
    _mm512_mask_storeu_ps(values, (__mmask16)((1u << count) - 1), (__m512)lanes);
}

/// The lanes that are not set in a mask, one behind the other, and zeros.
VECTOR_OPERATION vector_float16 vector_pack(vector_float16 lanes, vector_int16 mask) {
    return (vector_float16)_mm512_maskz_compress_ps(
        (__mmask16)~_mm512_movepi32_mask((__m512i)mask), (__m512)lanes);
}

/// How many lanes of a mask are not set.
VECTOR_OPERATION long vector_count_unset(vector_int16 mask) {
    return 16 - __builtin_popcount(_mm512_movepi32_mask((__m512i)mask));
}
#endif

#endif
