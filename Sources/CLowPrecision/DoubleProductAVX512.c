#if defined(__x86_64__)

#include "DoubleProduct.h"

enum { block_features = 256, chain_count = 16, tile_units = 32 };

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)

#define PRODUCT double_product_avx512
#include "DoubleProductTemplate.h"

#pragma clang attribute pop

#endif
