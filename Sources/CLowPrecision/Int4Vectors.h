#include "CLowPrecision.h"

#include <string.h>

// All is inlined into the functions of one instruction set, so that nothing here has code of its own.
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float float16 __attribute__((ext_vector_type(16)));
typedef int32_t int16 __attribute__((ext_vector_type(16)));
typedef uint32_t uint16 __attribute__((ext_vector_type(16)));
typedef int8_t sbyte16 __attribute__((ext_vector_type(16)));

enum { octet = 8, step_units = 16, panel_units = 128, block_features = 256 };
