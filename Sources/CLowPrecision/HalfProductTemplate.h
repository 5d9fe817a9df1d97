// The product for one type and the instruction set that the including file has chosen. `PRODUCT` names it, and `WIDEN` the
// function that makes float32 of 16 weights. `many_rows` and `few_rows` are constants, each with the steps of a tile of so many.

INLINE void NAMED(PRODUCT, tile)(
    const float *input, const int count, long features, const uint16_t *weights, const int steps, long width,
    long left, long units, float *output) {
    float16 totals[4 * panel_steps];
    for (long start = 0; start < features; start += block_features) {
        const long end = features - start < block_features ? features : start + block_features;
        float16 sums[4 * panel_steps];
        UNROLLED for (int index = 0; index < count * steps; index++) { sums[index] = 0; }
        for (long feature = start; feature < end; feature++) {
            float16 wide[panel_steps];
            UNROLLED for (int step = 0; step < steps; step++) {
                half16 halves;
                memcpy(&halves, weights + feature * width + step * step_units, sizeof halves);
                WIDEN(&halves, &wide[step]);
            }
            UNROLLED for (int row = 0; row < count; row++) {
                const float16 number = input[row * features + feature];
                UNROLLED for (int step = 0; step < steps; step++) {
                    float16 *sum = &sums[row * steps + step];
                    *sum = __builtin_elementwise_fma(number, wide[step], *sum);
                }
            }
        }
        UNROLLED for (int index = 0; index < count * steps; index++) {
            totals[index] = start == 0 ? sums[index] : totals[index] + sums[index];
        }
    }
    for (int row = 0; row < count; row++) {
        for (int step = 0; step < steps; step++) {
            const long rest = left - step * step_units;
            if (rest <= 0) { break; }
            memcpy(
                output + row * units + step * step_units, &totals[row * steps + step],
                (unsigned long)(rest < step_units ? rest : step_units) * sizeof(float));
        }
    }
}

/// `count` rows, a constant, of a whole panel, at most `most` steps at a time.
INLINE void NAMED(PRODUCT, rows)(
    const float *input, const int count, long features, const uint16_t *panel, long steps, const int most, long left,
    long units, float *output) {
    for (long step = 0; step < steps;) {
        const int size = steps - step < most ? (int)(steps - step) : most;
        const uint16_t *weights = panel + step * step_units;
        const long width = steps * step_units;
        const long rest = left - step * step_units;
        float *to = output + step * step_units;
        switch (size) {
        case 1: NAMED(PRODUCT, tile)(input, count, features, weights, 1, width, rest, units, to); break;
        case 2: NAMED(PRODUCT, tile)(input, count, features, weights, 2, width, rest, units, to); break;
        case 3: NAMED(PRODUCT, tile)(input, count, features, weights, 3, width, rest, units, to); break;
        default: NAMED(PRODUCT, tile)(input, count, features, weights, 4, width, rest, units, to); break;
        }
        step += size;
    }
}

void PRODUCT(
    const float *input, long rows, long features, const uint16_t *weights, long kernel_units, long first_unit,
    long units, float *output) {
    for (long unit = first_unit; unit < first_unit + units; unit += panel_steps * step_units) {
        const long left = kernel_units - unit;
        const long all = (left + step_units - 1) / step_units;
        const long steps = all < panel_steps ? all : panel_steps;
        const uint16_t *panel = weights + unit * features;
        long row = 0;
        if (features == 0) {
            for (; row < rows; row++) {
                const long count = left < steps * step_units ? left : steps * step_units;
                memset(output + row * kernel_units + unit, 0, (unsigned long)count * sizeof(float));
            }
        }
#define EACH(count, most)                                                                                              \
    for (; row + count <= rows; row += count) {                                                                        \
        NAMED(PRODUCT, rows)(                                                                                          \
            input + row * features, count, features, panel, steps, most, left, kernel_units,                           \
            output + row * kernel_units + unit);                                                                       \
    }
        EACH(many_rows, many_rows_steps)
        EACH(few_rows, few_rows_steps)
        EACH(1, panel_steps)
#undef EACH
    }
}
