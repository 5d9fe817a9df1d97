#ifndef DOUBLEPRODUCT_H
#define DOUBLEPRODUCT_H

// `output = input * kernel` in float64 as the numeric contract has it: blocks of 256 features, each one chain of fused
// multiply-adds from zero, or 16 interleaved chains where there are fewer than 16 units. All give the same bits.
//
// - input: `rows` rows of `features`; kernel: `features` rows of `units`; output: `rows` rows of `units`

void double_product(
    const double *input, long rows, long features, const double *kernel, long units, double *output);
#if defined(__x86_64__)
/// For CPUs with AVX2 and FMA, and with AVX-512 F, BW, DQ and VL.
void double_product_avx2(
    const double *input, long rows, long features, const double *kernel, long units, double *output);
void double_product_avx512(
    const double *input, long rows, long features, const double *kernel, long units, double *output);
#endif

#endif
