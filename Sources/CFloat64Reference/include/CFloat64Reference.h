#ifndef CFLOAT64REFERENCE_H
#define CFLOAT64REFERENCE_H

#include <stddef.h>

/// The functions there is a float64 reference of; `a` is their argument.
enum reference_function {
    REFERENCE_EXP, REFERENCE_EXPM1, REFERENCE_LOG1P, REFERENCE_TANH, REFERENCE_SIGMOID, REFERENCE_ERF,
    REFERENCE_SOFTPLUS, REFERENCE_LOG_SIGMOID, REFERENCE_GELU, REFERENCE_GELU_TANH, REFERENCE_SILU, REFERENCE_MISH,
    REFERENCE_ELU, REFERENCE_SELU, REFERENCE_CELU, REFERENCE_TANH_SHRINK, REFERENCE_HARD_SIGMOID, REFERENCE_HARD_SILU,
    REFERENCE_SPARSE_SIGMOID, REFERENCE_SPARSE_PLUS, REFERENCE_SOFTSIGN, REFERENCE_SQUAREPLUS, REFERENCE_IDENTITY,
    REFERENCE_RELU, REFERENCE_RELU6, REFERENCE_LEAKY_RELU, REFERENCE_HARD_TANH, REFERENCE_HARD_SHRINK,
    REFERENCE_SOFT_SHRINK,
};

/// The largest distance between a float32 result and its reference, and the input it was found at.
struct worst_distance {
    /// In units in the last place of the reference's float32 binade; infinity where just one of the two is NaN, or
    /// infinite without being at the end of the range.
    double ulp;
    float input;
};

/// Compares `count` results, a multiple of 4, with the function of their inputs in float64 (Keras's formulas,
/// rearranged where the plain form would cancel; errors far below 0.001 ulp of float32).
struct worst_distance reference_worst_distance(
    enum reference_function function, double a, const float *inputs, const float *results, size_t count);

#endif
