#if defined(__x86_64__)

#include "Int8Vectors.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

enum { many_rows = 2, many_rows_steps = 1, few_rows = 2, few_rows_steps = 1, one_row_steps = 2 };

// Widened to 16 bits: `vpmaddubsw` would add two products of 8 bits in 16, which they may not fit.
INLINE void tile(
    struct rows rows, const int count, struct panel panel, const int steps, long groups, int16 *sums) {
    // Four registers make a step, each with two sums of each of four units.
    __m256i found[8];
    UNROLLED for (int index = 0; index < 4 * count * steps; index++) { found[index] = _mm256_setzero_si256(); }
    for (long group = 0; group < groups; group++) {
        const int8_t *start = panel.weights + group * panel.bytes;
        UNROLLED for (int quarter = 0; quarter < 4 * steps; quarter++) {
            const __m256i weights =
                _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(start + quarter * step_bytes / 4)));
            UNROLLED for (int row = 0; row < count; row++) {
                int32_t four;
                memcpy(&four, rows.quantized + row * rows.bytes + group * group_features, sizeof four);
                const __m256i features = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
                __m256i *sum = &found[4 * row * steps + quarter];
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(features, weights));
            }
        }
    }
    UNROLLED for (int index = 0; index < 2 * count * steps; index++) {
        // Adds within each half of the registers: units 0, 1, 4, 5, and 2, 3, 6, 7.
        const __m256i pairs = _mm256_hadd_epi32(found[2 * index], found[2 * index + 1]);
        const __m256i units = _mm256_permute4x64_epi64(pairs, 0xD8);
        memcpy((int32_t *)sums + index * 8, &units, sizeof units);
    }
}

#include "Int8Template.h"

#pragma clang attribute pop

const struct int8_kernels int8_avx2 = {"avx2", quantize, multiply};

#endif
