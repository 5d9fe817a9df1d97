#include "HalfProduct.h"

#include <string.h>

// All is inlined into the functions of one instruction set, so that nothing here has code of its own.
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")
#define JOIN(left, right) left##_##right
#define NAMED(left, right) JOIN(left, right)

typedef float float16 __attribute__((ext_vector_type(16)));
typedef uint16_t half16 __attribute__((ext_vector_type(16)));
typedef uint32_t uint16 __attribute__((ext_vector_type(16)));

enum { block_features = 256, step_units = 16, panel_steps = 4 };
