#include "CCPUID.h"

#if defined(__x86_64__)

bool cpu_supports_avx2_fma(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v3");
}

bool cpu_supports_avx512(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4");
}

#else

bool cpu_supports_avx2_fma(void) { return false; }
bool cpu_supports_avx512(void) { return false; }

#endif
