#include "DoubleProduct.h"

enum { block_features = 256, chain_count = 16, tile_units = 32 };

#define PRODUCT double_product
#include "DoubleProductTemplate.h"
