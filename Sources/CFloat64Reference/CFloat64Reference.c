#include "CFloat64Reference.h"

#include <math.h>
#include <stdint.h>

// Four float64 lanes, whose functions are glibc's own vector ones where it has them: they make going over all 2^32
// inputs a matter of seconds. Both kinds are right to a few ulp of float64, 2^-27 ulp of float32.
typedef double lanes __attribute__((vector_size(32)));
typedef int64_t mask __attribute__((vector_size(32)));
typedef float narrow_lanes __attribute__((vector_size(16)));

#if defined(__x86_64__) && defined(__AVX2__) && defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
#define VECTOR_FUNCTION(name)                                                                                          \
    lanes _ZGVdN4v_##name(lanes);                                                                                      \
    static inline lanes lanes_##name(lanes x) { return _ZGVdN4v_##name(x); }
#else
#define VECTOR_FUNCTION(name)                                                                                          \
    static inline lanes lanes_##name(lanes x) { return (lanes){name(x[0]), name(x[1]), name(x[2]), name(x[3])}; }
#endif

VECTOR_FUNCTION(exp)
VECTOR_FUNCTION(expm1)
VECTOR_FUNCTION(log1p)
VECTOR_FUNCTION(tanh)
VECTOR_FUNCTION(erf)
VECTOR_FUNCTION(erfc)

static inline lanes all(double x) { return (lanes){x, x, x, x}; }

static inline lanes choose(mask condition, lanes yes, lanes no) {
    return (lanes)(((mask)yes & condition) | ((mask)no & ~condition));
}

static inline lanes magnitude(lanes x) { return (lanes)((mask)x & INT64_MAX); }

/// Finite values brought into a range outside which nothing changes in float32; the vector functions leave their fast
/// path far out. NaN and infinities stay.
static inline lanes within(lanes x, double low, double high) {
    lanes limited = choose(x < low, all(low), choose(x > high, all(high), x));
    return choose(magnitude(x) == INFINITY, x, limited);
}

/// Clipped, infinities too; NaN stays.
static inline lanes clipped(lanes x, double low, double high) {
    return choose(x < low, all(low), choose(x > high, all(high), x));
}

static inline lanes positive(lanes x) { return choose(x < 0, all(0), x); }

static inline lanes exponential(lanes x) { return lanes_exp(within(x, -700, 700)); }
static inline lanes exponential_minus_one(lanes x) { return lanes_expm1(within(x, -700, 700)); }

static inline lanes sigmoid(lanes x) {
    lanes e = exponential(choose(x < 0, x, -x));
    return choose(x < 0, e, all(1)) / (1 + e);
}

static inline lanes softplus(lanes x) { return positive(x) + lanes_log1p(exponential(choose(x < 0, x, -x))); }

static inline lanes mish(lanes x) {
    lanes e = exponential(clipped(x, -INFINITY, 30));
    lanes n = e * (e + 2);
    return choose(x > 30, x, x * n / (n + 2));
}

/// The Taylor series near 0, where the difference cancels.
static inline lanes tanh_shrink(lanes x) {
    static const double coefficients[] = {
        -6404582 / 10854718875.0, 929569 / 638512875.0, -21844 / 6081075.0, 1382 / 155925.0,
        -62 / 2835.0,             17 / 315.0,           -2 / 15.0,          1 / 3.0,
    };
    lanes sum = all(0);
    for (int i = 0; i < 8; i++) sum = sum * (x * x) + coefficients[i];
    return choose(magnitude(x) < 0.35, x * x * x * sum, x - lanes_tanh(within(x, -40, 40)));
}

static inline lanes squareplus(lanes x, double b) {
    lanes root = __builtin_elementwise_sqrt(x * x + b);
    return choose((x < 0) & (x > -INFINITY), b / (root - x), x + root) / 2;
}

static inline __attribute__((always_inline)) lanes value(enum reference_function function, double a, lanes x) {
    switch (function) {
    case REFERENCE_EXP: return exponential(x);
    case REFERENCE_EXPM1: return exponential_minus_one(x);
    case REFERENCE_LOG1P: return choose(x < -1, all(NAN), lanes_log1p(choose(x < -1, all(0), x)));
    case REFERENCE_TANH: return lanes_tanh(within(x, -40, 40));
    case REFERENCE_SIGMOID: return sigmoid(x);
    case REFERENCE_ERF: return lanes_erf(within(x, -10, 10));
    case REFERENCE_SOFTPLUS: return softplus(x);
    case REFERENCE_LOG_SIGMOID: return -softplus(-x);
    case REFERENCE_GELU: return 0.5 * x * lanes_erfc(within(-M_SQRT1_2 * x, -26, 26));
    case REFERENCE_GELU_TANH: return x * sigmoid(2 * sqrt(2 / M_PI) * (x + 0.044715 * (x * x * x)));
    case REFERENCE_SILU: return x * sigmoid(x);
    case REFERENCE_MISH: return mish(x);
    case REFERENCE_ELU: return choose(x < 0, a * exponential_minus_one(x), x);
    case REFERENCE_SELU:
        return 1.0507009873554805 * choose(x < 0, 1.6732632423543772 * exponential_minus_one(x), x);
    case REFERENCE_CELU: return choose(x < 0, a * exponential_minus_one(x / a), x);
    case REFERENCE_TANH_SHRINK: return tanh_shrink(x);
    case REFERENCE_HARD_SIGMOID: return clipped((x + 3) / 6, 0, 1);
    case REFERENCE_HARD_SILU: return x * clipped((x + 3) / 6, 0, 1);
    case REFERENCE_SPARSE_SIGMOID: return clipped((x + 1) / 2, 0, 1);
    case REFERENCE_SPARSE_PLUS: return choose(x <= -1, all(0), choose(x < 1, 0.25 * ((x + 1) * (x + 1)), x));
    case REFERENCE_SOFTSIGN: return x / (1 + magnitude(x));
    case REFERENCE_SQUAREPLUS: return squareplus(x, a);
    case REFERENCE_IDENTITY: return x;
    case REFERENCE_RELU: return positive(x);
    case REFERENCE_RELU6: return clipped(x, 0, 6);
    case REFERENCE_LEAKY_RELU: return choose(x < 0, a * x, x);
    case REFERENCE_HARD_TANH: return clipped(x, -1, 1);
    // Keras makes 0 of NaN in these two.
    case REFERENCE_HARD_SHRINK: return choose(magnitude(x) > a, x, all(0));
    case REFERENCE_SOFT_SHRINK: return choose(x > a, x - a, choose(x < -a, x + a, all(0)));
    }
    return all(NAN);
}

/// The distance of results from their references; see `worst_distance`.
static inline lanes distance(lanes result, lanes reference) {
    // The power of two below the reference, and at least the least normal number's.
    lanes binade = (lanes)((mask)reference & 0x7ff0000000000000);
    lanes ulp = choose(binade < 0x1p-126, all(0x1p-126), binade) * 0x1p-23;
    lanes apart = magnitude(result - reference) / ulp;
    // Overflow may come where the reference is within an ulp of the end of the range.
    mask overflow = (magnitude(result) == INFINITY) & (magnitude(reference) > 0x1.fffffdp127)
        & (result * reference > 0);
    mask same = (result == reference) | ((result != result) & (reference != reference)) | overflow;
    apart = choose(same, all(0), apart);
    return choose(apart != apart, all(INFINITY), apart);
}

static inline __attribute__((always_inline)) struct worst_distance compare(
    enum reference_function function, double a, const float *inputs, const float *results, size_t count) {
    lanes worst = all(-1), where = all(0);
    for (size_t i = 0; i + 4 <= count; i += 4) {
        narrow_lanes input, result;
        __builtin_memcpy(&input, inputs + i, sizeof input);
        __builtin_memcpy(&result, results + i, sizeof result);
        lanes x = __builtin_convertvector(input, lanes);
        lanes apart = distance(__builtin_convertvector(result, lanes), value(function, a, x));
        mask worse = apart > worst;
        worst = choose(worse, apart, worst);
        where = choose(worse, x, where);
    }
    struct worst_distance found = {worst[0], (float)where[0]};
    for (int lane = 1; lane < 4; lane++) {
        if (worst[lane] > found.ulp) found = (struct worst_distance){worst[lane], (float)where[lane]};
    }
    return found;
}

struct worst_distance reference_worst_distance(
    enum reference_function function, double a, const float *inputs, const float *results, size_t count) {
    // One loop for each function, with nothing left to choose inside.
#define CASE(name)                                                                                                     \
    case name: return compare(name, a, inputs, results, count);
    switch (function) {
        CASE(REFERENCE_EXP) CASE(REFERENCE_EXPM1) CASE(REFERENCE_LOG1P) CASE(REFERENCE_TANH) CASE(REFERENCE_SIGMOID)
        CASE(REFERENCE_ERF) CASE(REFERENCE_SOFTPLUS) CASE(REFERENCE_LOG_SIGMOID) CASE(REFERENCE_GELU)
        CASE(REFERENCE_GELU_TANH) CASE(REFERENCE_SILU) CASE(REFERENCE_MISH) CASE(REFERENCE_ELU) CASE(REFERENCE_SELU)
        CASE(REFERENCE_CELU) CASE(REFERENCE_TANH_SHRINK) CASE(REFERENCE_HARD_SIGMOID) CASE(REFERENCE_HARD_SILU)
        CASE(REFERENCE_SPARSE_SIGMOID) CASE(REFERENCE_SPARSE_PLUS) CASE(REFERENCE_SOFTSIGN) CASE(REFERENCE_SQUAREPLUS)
        CASE(REFERENCE_IDENTITY) CASE(REFERENCE_RELU) CASE(REFERENCE_RELU6) CASE(REFERENCE_LEAKY_RELU)
        CASE(REFERENCE_HARD_TANH) CASE(REFERENCE_HARD_SHRINK) CASE(REFERENCE_SOFT_SHRINK)
    }
    return (struct worst_distance){INFINITY, NAN};
}
