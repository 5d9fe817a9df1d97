#if defined(__x86_64__)

#include "HalfVectors.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"))), apply_to = function)

enum { many_rows = 4, many_rows_steps = 4, few_rows = 2, few_rows_steps = 4 };

INLINE void widen_bfloat16(const half16 *halves, float16 *wide) {
    *wide = (float16)(__builtin_convertvector(*halves, uint16) << 16);
}

INLINE void widen_float16(const half16 *halves, float16 *wide) {
    typedef _Float16 numbers16 __attribute__((ext_vector_type(16)));
    *wide = __builtin_convertvector((numbers16)*halves, float16);
}

#define PRODUCT bfloat16_product_avx512
#define WIDEN widen_bfloat16
#include "HalfProductTemplate.h"
#undef PRODUCT
#undef WIDEN
#define PRODUCT float16_product_avx512
#define WIDEN widen_float16
#include "HalfProductTemplate.h"

#pragma clang attribute pop

#endif
