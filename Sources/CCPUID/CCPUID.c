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

bool cpu_supports_avx512_vnni(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
}

bool cpu_supports_avx_vnni(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v3") && __builtin_cpu_supports("avxvnni");
}

#else

bool cpu_supports_avx2_fma(void) { return false; }
bool cpu_supports_avx512(void) { return false; }
bool cpu_supports_avx512_vnni(void) { return false; }
bool cpu_supports_avx_vnni(void) { return false; }

#endif
