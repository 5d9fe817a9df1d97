#if defined(__x86_64__)

#include "Int8Vectors.h"

#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), min_vector_width(512))), apply_to = function)

enum { many_rows = 6, many_rows_steps = 4, few_rows = 2, few_rows_steps = 4, one_row_steps = 4 };

INLINE void tile(
    struct rows rows, const int count, struct panel panel, const int steps, long groups, int16 *sums) {
    __m512i found[many_rows * panel_steps];
    UNROLLED for (int index = 0; index < count * steps; index++) { found[index] = _mm512_setzero_si512(); }
    for (long group = 0; group < groups; group++) {
        const int8_t *start = panel.weights + group * panel.bytes;
        __m512i weights[panel_steps];
        UNROLLED for (int step = 0; step < steps; step++) {
            weights[step] = _mm512_loadu_si512(start + step * step_bytes);
        }
        UNROLLED for (int row = 0; row < count; row++) {
            int32_t features;
            memcpy(&features, rows.quantized + row * rows.bytes + group * group_features, sizeof features);
            UNROLLED for (int step = 0; step < steps; step++) {
                __m512i *sum = &found[row * steps + step];
                *sum = _mm512_dpbusd_epi32(*sum, _mm512_set1_epi32(features), weights[step]);
            }
        }
    }
    UNROLLED for (int index = 0; index < count * steps; index++) { sums[index] = (int16)found[index]; }
}

#include "Int8Template.h"

#pragma clang attribute pop

const struct int8_kernels int8_avx512_vnni = {"avx512_vnni", quantize, multiply};

#endif
