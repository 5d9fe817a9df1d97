#ifndef HALFPRODUCT_H
#define HALFPRODUCT_H

#include <stdint.h>

// `output = input * weights` of float32 inputs and weights of 16 bits, which are made float32, exactly: blocks of 256 features,
// each one chain of fused multiply-adds in float32 from zero, as the numeric contract has it. All give the same bits.
//
// The weights lie in panels of 64 units, one panel after the other; the last one has as many units as are left, rounded up to a
// multiple of 16. A panel holds the weights of all its units for each feature in order.

/// - input: `rows` rows of `features`
/// - weights: all panels of a kernel of `kernel_units` units
/// - output: rows of `kernel_units` numbers, of which `units` from `first_unit` on, a multiple of 64, are written
typedef void half_product(
    const float *input, long rows, long features, const uint16_t *weights, long kernel_units, long first_unit,
    long units, float *output);

half_product bfloat16_product, float16_product;
#if defined(__x86_64__)
/// For CPUs with AVX2, FMA and F16C, and with AVX-512 F, BW, DQ and VL.
half_product bfloat16_product_avx2, float16_product_avx2, bfloat16_product_avx512, float16_product_avx512;
#endif

#endif
