#include "CLowPrecision.h"

#include <string.h>

// All is inlined into the functions of one instruction set, so that nothing here has code of its own.
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float float16 __attribute__((ext_vector_type(16)));
typedef int32_t int16 __attribute__((ext_vector_type(16)));
typedef uint32_t uint16 __attribute__((ext_vector_type(16)));
typedef uint8_t byte16 __attribute__((ext_vector_type(16)));

enum { panel_steps = 4, step_units = 16, group_features = 4, step_bytes = step_units * group_features };

/// Where the weights of some units of a panel are: `bytes` lie between one group of features and the next.
struct panel {
    const int8_t *weights;
    long bytes;
};

/// The rows of integers that are multiplied, `bytes` apart.
struct rows {
    const uint8_t *quantized;
    long bytes;
};
