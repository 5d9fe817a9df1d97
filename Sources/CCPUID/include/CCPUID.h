#ifndef CCPUID_H
#define CCPUID_H

#include <stdbool.h>

/// Whether this CPU, and the operating system's saving of registers, support the x86-64-v3 level (AVX2, FMA, BMI).
/// False on other architectures.
bool cpu_supports_avx2_fma(void);

/// The same for x86-64-v4 (the AVX-512 F, BW, CD, DQ and VL subsets).
bool cpu_supports_avx512(void);

/// The same for x86-64-v4 with VNNI, which multiplies and adds integers of eight bits; and for x86-64-v3 with AVX-VNNI.
bool cpu_supports_avx512_vnni(void);
bool cpu_supports_avx_vnni(void);

#endif
