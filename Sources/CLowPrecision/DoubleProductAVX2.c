#if defined(__x86_64__)

#include "DoubleProduct.h"

enum { block_features = 256, chain_count = 16, tile_units = 32 };

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define PRODUCT double_product_avx2
#include "DoubleProductTemplate.h"

#pragma clang attribute pop

#endif
