#ifndef CLOWPRECISION_H
#define CLOWPRECISION_H

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

#endif
