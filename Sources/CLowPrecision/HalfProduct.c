#include "HalfVectors.h"

enum { many_rows = 2, many_rows_steps = 1, few_rows = 2, few_rows_steps = 1 };

INLINE void widen_bfloat16(const half16 *halves, float16 *wide) {
    *wide = (float16)(__builtin_convertvector(*halves, uint16) << 16);
}

INLINE void widen_float16(const half16 *halves, float16 *wide) {
    for (int index = 0; index < step_units; index++) {
        const uint32_t sign = (uint32_t)((*halves)[index] & 0x8000) << 16;
        uint32_t bits = (uint32_t)((*halves)[index] & 0x7FFF) << 13;
        if (bits >= 0x0F800000) {
            bits |= 0x7F800000;
        } else {
            // The exponents' biases differ by 112. The product is exact for subnormals, too.
            float value;
            memcpy(&value, &bits, sizeof value);
            value *= 0x1p112f;
            memcpy(&bits, &value, sizeof bits);
        }
        bits |= sign;
        float value;
        memcpy(&value, &bits, sizeof value);
        (*wide)[index] = value;
    }
}

#define PRODUCT bfloat16_product
#define WIDEN widen_bfloat16
#include "HalfProductTemplate.h"
#undef PRODUCT
#undef WIDEN
#define PRODUCT float16_product
#define WIDEN widen_float16
#include "HalfProductTemplate.h"
