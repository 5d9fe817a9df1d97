#if defined(__x86_64__)

#include "Int8Vectors.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

enum { many_rows = 4, many_rows_steps = 1, few_rows = 2, few_rows_steps = 2, one_row_steps = 4 };

INLINE void tile(
    struct rows rows, const int count, struct panel panel, const int steps, long groups, int16 *sums) {
    // Two registers of eight units make a step.
    __m256i found[8];
    UNROLLED for (int index = 0; index < 2 * count * steps; index++) { found[index] = _mm256_setzero_si256(); }
    for (long group = 0; group < groups; group++) {
        const int8_t *start = panel.weights + group * panel.bytes;
        UNROLLED for (int half = 0; half < 2 * steps; half++) {
            const __m256i weights = _mm256_loadu_si256((const __m256i *)(start + half * step_bytes / 2));
            UNROLLED for (int row = 0; row < count; row++) {
                int32_t features;
                memcpy(&features, rows.quantized + row * rows.bytes + group * group_features, sizeof features);
                __m256i *sum = &found[2 * row * steps + half];
                *sum = _mm256_dpbusd_avx_epi32(*sum, _mm256_set1_epi32(features), weights);
            }
        }
    }
    memcpy(sums, found, (unsigned long)(count * steps) * sizeof *sums);
}

#include "Int8Template.h"

#pragma clang attribute pop

const struct int8_kernels int8_avx_vnni = {"avx_vnni", quantize, multiply};

#endif
