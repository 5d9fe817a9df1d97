#ifndef ROUNDING_H
#define ROUNDING_H

// Values of 16-bit types in float32, which holds them exactly: each of `count` numbers becomes the nearest, ties to even, and
// an infinity beyond the largest. NaN stays NaN.

void round_bfloat16(float *values, long count);
void round_float16(float *values, long count);
#if defined(__x86_64__)
/// The same, for CPUs with AVX2 and F16C.
void round_float16_f16c(float *values, long count);
#endif

#endif
