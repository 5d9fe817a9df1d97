#include "Rounding.h"

#include <stdint.h>
#include <string.h>

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void round_bfloat16(float *values, long count) {
    for (long index = 0; index < count; index++) {
        const uint32_t bits = bits_of(values[index]);
        const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
        const uint32_t nan = (bits & 0xFFFF0000) | 0x400000;
        values[index] = float_of((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : rounded);
    }
}

void round_float16(float *values, long count) {
    for (long index = 0; index < count; index++) {
        const uint32_t bits = bits_of(values[index]);
        const uint32_t magnitude = bits & 0x7FFFFFFF;
        uint32_t rounded;
        if (magnitude >= 0x7F800000) {
            rounded = magnitude > 0x7F800000 ? 0x7FC00000 : magnitude;
        } else if (magnitude >= 0x477FF000) {
            // 65520, half-way between the largest float16 and what would be the next, and more.
            rounded = 0x7F800000;
        } else if (magnitude < 0x38800000) {
            // Below 2^-14 a unit is 2^-24, which is that of float32 between 0.5 and 1.
            rounded = bits_of((float_of(magnitude) + 0.5f) - 0.5f);
        } else {
            rounded = (magnitude + 0xFFF + (magnitude >> 13 & 1)) & 0xFFFFE000;
        }
        values[index] = float_of((bits & 0x80000000) | rounded);
    }
}

#if defined(__x86_64__)

__attribute__((target("avx2,f16c"))) void round_float16_f16c(float *values, long count) {
    for (long index = 0; index < count; index++) { values[index] = (float)(_Float16)values[index]; }
}

#endif
