// The product for the instruction set that the including file has chosen. `PRODUCT` names the function.

static void wide_block(
    const double *features, long count, const double *kernel, long units, long width, double *restrict sums) {
    for (long unit = 0; unit < width; unit++) { sums[unit] = 0; }
    for (long index = 0; index < count; index++) {
        const double feature = features[index];
        const double *weights = kernel + index * units;
        for (long unit = 0; unit < width; unit++) { sums[unit] = __builtin_fma(feature, weights[unit], sums[unit]); }
    }
}

// The common width by itself, so that its sums stay in registers.
static void full_block(
    const double *features, long count, const double *kernel, long units, double *restrict sums) {
    double kept[tile_units];
    for (long unit = 0; unit < tile_units; unit++) { kept[unit] = 0; }
    for (long index = 0; index < count; index++) {
        const double feature = features[index];
        const double *weights = kernel + index * units;
        for (long unit = 0; unit < tile_units; unit++) {
            kept[unit] = __builtin_fma(feature, weights[unit], kept[unit]);
        }
    }
    for (long unit = 0; unit < tile_units; unit++) { sums[unit] = kept[unit]; }
}

static void wide_row(const double *input, long features, const double *kernel, long units, double *output) {
    for (long first = 0; first < units; first += tile_units) {
        const long width = units - first < tile_units ? units - first : tile_units;
        double sums[tile_units];
        for (long start = 0; start < features; start += block_features) {
            const long count = features - start < block_features ? features - start : block_features;
            const double *block = kernel + start * units + first;
            if (width == tile_units) {
                full_block(input + start, count, block, units, sums);
            } else {
                wide_block(input + start, count, block, units, width, sums);
            }
            for (long unit = 0; unit < width; unit++) {
                output[first + unit] = start == 0 ? sums[unit] : output[first + unit] + sums[unit];
            }
        }
    }
}

static double narrow_block(const double *features, long count, const double *weights, long units) {
    double chains[chain_count] = {0};
    for (long index = 0; index < count; index++) {
        double *chain = &chains[index % chain_count];
        *chain = __builtin_fma(features[index], weights[index * units], *chain);
    }
    // Features 0 of weight 0, which fill the block up, make a sum of -0 one of 0.
    for (long index = count; index % chain_count != 0; index++) {
        double *chain = &chains[index % chain_count];
        *chain = __builtin_fma(0.0, 0.0, *chain);
    }
    for (long half = chain_count / 2; half > 0; half /= 2) {
        for (long index = 0; index < half; index++) { chains[index] += chains[index + half]; }
    }
    return chains[0];
}

static void narrow_row(const double *input, long features, const double *kernel, long units, double *output) {
    for (long unit = 0; unit < units; unit++) {
        for (long start = 0; start < features; start += block_features) {
            const long count = features - start < block_features ? features - start : block_features;
            const double sum = narrow_block(input + start, count, kernel + start * units + unit, units);
            output[unit] = start == 0 ? sum : output[unit] + sum;
        }
    }
}

void PRODUCT(const double *input, long rows, long features, const double *kernel, long units, double *output) {
    for (long row = 0; row < rows; row++) {
        const double *from = input + row * features;
        double *to = output + row * units;
        if (features == 0) {
            for (long unit = 0; unit < units; unit++) { to[unit] = 0; }
        } else if (units < chain_count) {
            narrow_row(from, features, kernel, units, to);
        } else {
            wide_row(from, features, kernel, units, to);
        }
    }
}
