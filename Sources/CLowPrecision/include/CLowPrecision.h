#ifndef CLOWPRECISION_H
#define CLOWPRECISION_H

#include "DoubleProduct.h"
#include "HalfProduct.h"
#include "Rounding.h"

#include <stdint.h>

// Products of integers of eight bits, for each instruction set that has a way of its own for them. All give the same
// bits: the sums are integers, and every step around them is one operation of IEEE 754.
//
// The weights lie in panels of 64 units, one panel after the other; the last one has as many units as are left, rounded up to
// a multiple of 16. A panel holds, for each group of four features in order, the four weights of each of its units. Features
// are filled up with zeros to a multiple of four, and units to a multiple of 16.

/// What numbers become integers by: `round(x * high / (max |x| + epsilon))`, but `low` at least and `high` at most.
struct int8_range {
    float low;
    float high;
    float epsilon;
};

/// The entry points of one instruction set.
struct int8_kernels {
    const char *instruction_set;

    /// Makes integers of a row of `columns` numbers, each 128 more than it is, and fills up with 128 to a multiple of four.
    /// Halves are rounded to even, and NaN becomes 0. Gives what the numbers were multiplied by: NaN for a row with a NaN,
    /// and else 0 for one with an infinity.
    float (*quantize)(const float *input, long columns, struct int8_range range, uint8_t *quantized);

    /// `output = float(sum(quantized * weights)) / (scales * input_scales) + bias` for `rows` rows and `units` units from
    /// `first_unit` on, a multiple of 64. Sums wrap around at 32 bits.
    ///
    /// - quantized: `rows` rows of `4 * groups` integers as `quantize` makes them; `input_scales` as it gives them
    /// - weights: all panels; corrections: 128 times the sum of each unit's weights; scales, bias: one a unit. All filled up
    ///   to a multiple of 16 units; there may be no bias
    /// - output: rows of `kernel_units` numbers, beginning with unit 0
    void (*multiply)(
        const uint8_t *quantized, const float *input_scales, long rows, long groups, const int8_t *weights,
        const int32_t *corrections, const float *scales, const float *bias, long kernel_units, long first_unit,
        long units, float *output);
};

/// The kernels by instruction set. Only those that the CPU has may be run: `int8_avx512_vnni` needs AVX-512 F, BW, DQ, VL
/// and VNNI, `int8_avx_vnni` AVX2 and AVX-VNNI.
extern const struct int8_kernels int8_plain;
#if defined(__x86_64__)
extern const struct int8_kernels int8_avx2, int8_avx_vnni, int8_avx512_vnni;
#endif

/// A kernel of integers of four bits for inputs that stay float32.
///
/// The integers lie in panels of 128 units, one panel after the other; the last one has as many units as are left, rounded up
/// to a multiple of 16. A panel holds, for each eight features in order, one word for each of its units: feature `k`'s
/// integer, in two's complement, in the bits from `4 * k` on. Scales and zeros lie in the same panels, a group of features
/// after the other.
struct int4_weights {
    long features;
    long units;
    /// Readable for three bytes more.
    const uint32_t *integers;
    /// A feature of group `g` has the weight `(integer - zero[g]) * scale[g]`. Null where the weight is the integer.
    const float *scales;
    const int8_t *zeros;
    long groups;
    /// A multiple of eight.
    long group_features;
    /// What the sums are divided by, one a unit, filled up to a multiple of 16 units; or null.
    const float *divisors;
    /// Likewise; or null.
    const float *bias;
};

/// The entry points of one instruction set for such kernels. All give the same bits. A run is what features of one group there
/// are in one block of 256 features: a chain of fused multiply-adds of `integer - zero`, from zero. The total is
/// `fma(run, scale, total)` in order, from zero. Without groups the sums of the blocks are added, the first one being the
/// total: the bits of `ScalarReference` for a layer of 16 units or more.
struct int4_kernels {
    const char *instruction_set;

    /// `output = input * weights / divisors + bias` for `rows` rows and `units` units from `first_unit` on, a multiple of 128.
    ///
    /// - output: rows of all units, beginning with unit 0
    void (*multiply)(
        const float *input, long rows, struct int4_weights weights, long first_unit, long units, float *output);
};

/// `int4_avx512` needs AVX-512 F, BW, DQ and VL, `int4_avx2` AVX2 and FMA.
extern const struct int4_kernels int4_plain;
#if defined(__x86_64__)
extern const struct int4_kernels int4_avx2, int4_avx512;
#endif

#endif
