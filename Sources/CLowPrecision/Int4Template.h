// The product of one instruction set. The file that includes this one has defined
//
//     UNPACK(words, place)
//
// which makes numbers, a `float16`, of the integers of four bits in the lowest or the next place of 16 words, a `uint16`; and the
// constants `many_rows` and `many_rows_steps`, the rows and steps of a tile, and `one_row_steps`.

enum { tile_sums = many_rows * many_rows_steps > 8 ? many_rows * many_rows_steps : 8 };

/// What a tile multiplies: `steps` times 16 units of some rows.
struct tile_input {
    const float *rows;
    long features;
    /// Where the integers of the tile's first unit are, and how far apart those of two octets of features.
    const uint32_t *integers;
    long stride;
    /// One a unit of each group of features; null where each unit has one divisor.
    const float *scales;
    const int8_t *zeros;
    /// How far apart those of two groups are.
    long width;
    long group_features;
};

/// The products of the features from `start` to `end`, which begin at a multiple of eight and are all of one group and one
/// block, as `totals` take them.
INLINE void tile_run(
    struct tile_input in, const int count, const int steps, const int grouped, long start, long end, float16 *totals) {
    float16 sums[tile_sums], zero[8], scale[8];
    UNROLLED for (int index = 0; index < count * steps; index++) { sums[index] = 0; }
    if (grouped) {
        const long place = start / in.group_features * in.width;
        UNROLLED for (int step = 0; step < steps; step++) {
            sbyte16 bytes;
            memcpy(&bytes, in.zeros + place + step * step_units, sizeof bytes);
            zero[step] = __builtin_convertvector(bytes, float16);
            memcpy(&scale[step], in.scales + place + step * step_units, sizeof scale[step]);
        }
    }
    const uint32_t *integers = in.integers + start / octet * in.stride;
    for (long feature = start; feature < end; feature += octet, integers += in.stride) {
// The words are read from each of their bytes on: only the lowest bits of a lane count, and loads are cheaper than shifts.
#define FEATURE(index)                                                                                                 \
    {                                                                                                                  \
        float16 weights[8];                                                                                            \
        UNROLLED for (int step = 0; step < steps; step++) {                                                            \
            uint16 words;                                                                                              \
            memcpy(&words, (const uint8_t *)(integers + step * step_units) + (index) / 2, sizeof words);               \
            weights[step] = UNPACK(words, (index) % 2);                                                                \
            if (grouped) { weights[step] -= zero[step]; }                                                              \
        }                                                                                                              \
        UNROLLED for (int row = 0; row < count; row++) {                                                               \
            const float16 number = in.rows[row * in.features + feature + (index)];                                     \
            UNROLLED for (int step = 0; step < steps; step++) {                                                        \
                float16 *sum = &sums[row * steps + step];                                                              \
                *sum = __builtin_elementwise_fma(number, weights[step], *sum);                                         \
            }                                                                                                          \
        }                                                                                                              \
    }
        const long left = end - feature;
        if (left >= octet) {
            FEATURE(0) FEATURE(1) FEATURE(2) FEATURE(3) FEATURE(4) FEATURE(5) FEATURE(6) FEATURE(7)
        } else {
            FEATURE(0)
            if (left > 1) { FEATURE(1) }
            if (left > 2) { FEATURE(2) }
            if (left > 3) { FEATURE(3) }
            if (left > 4) { FEATURE(4) }
            if (left > 5) { FEATURE(5) }
            if (left > 6) { FEATURE(6) }
        }
#undef FEATURE
    }
    UNROLLED for (int row = 0; row < count; row++) {
        UNROLLED for (int step = 0; step < steps; step++) {
            const int index = row * steps + step;
            if (grouped) {
                totals[index] = __builtin_elementwise_fma(sums[index], scale[step], totals[index]);
            } else {
                totals[index] = start == 0 ? sums[index] : totals[index] + sums[index];
            }
        }
    }
}

/// The sums of `count` rows and 16 times `steps` units, both constants.
INLINE void tile(struct tile_input in, const int count, const int steps, const int grouped, float16 *totals) {
    for (int index = 0; index < count * steps; index++) { totals[index] = 0; }
    for (long start = 0; start < in.features;) {
        long end = (start / block_features + 1) * block_features;
        if (grouped) {
            const long next = (start / in.group_features + 1) * in.group_features;
            end = next < end ? next : end;
        }
        end = in.features < end ? in.features : end;
        tile_run(in, count, steps, grouped, start, end, totals);
        start = end;
    }
}

/// Writes `steps` times 16 units of some rows.
INLINE void finish(
    const float16 *totals, int count, int steps, struct int4_weights with, long unit, float *output) {
    for (int row = 0; row < count; row++) {
        for (int step = 0; step < steps; step++) {
            float16 numbers = totals[row * steps + step];
            const long first = unit + step * step_units;
            float16 each;
            if (with.divisors) {
                memcpy(&each, with.divisors + first, sizeof each);
                numbers /= each;
            }
            if (with.bias) {
                memcpy(&each, with.bias + first, sizeof each);
                numbers += each;
            }
            const long left = with.units - first;
            memcpy(
                output + row * with.units + first, &numbers,
                (unsigned long)(left < step_units ? left : step_units) * sizeof(float));
        }
    }
}

/// `count` rows, a constant, with all steps of a panel, at most `most`, a constant, at a time; one step alone would wait for every sum.
INLINE void multiply_rows(
    struct tile_input in, const int count, const int most, long steps, const int grouped, struct int4_weights with,
    long unit, float *output) {
    for (long step = 0; step < steps;) {
        float16 totals[tile_sums];
        const long left = steps - step;
        const int size = left >= most ? most : most > 4 && left >= 4 ? 4 : most > 2 && left >= 2 ? 2 : 1;
        if (size == most) {
            tile(in, count, most, grouped, totals);
        } else if (most > 4 && size == 4) {
            tile(in, count, 4, grouped, totals);
        } else if (most > 2 && size == 2) {
            tile(in, count, 2, grouped, totals);
        } else {
            tile(in, count, 1, grouped, totals);
        }
        finish(totals, count, size, with, unit + step * step_units, output);
        step += size;
        in.integers += size * step_units;
        if (grouped) {
            in.scales += size * step_units;
            in.zeros += size * step_units;
        }
    }
}

INLINE void multiply_all(
    const float *input, long rows, struct int4_weights with, const int grouped, long first_unit, long units,
    float *output) {
    const long octets = (with.features + octet - 1) / octet;
    for (long unit = first_unit; unit < first_unit + units; unit += panel_units) {
        const long left = (with.units - unit + step_units - 1) / step_units;
        const long steps = left < panel_units / step_units ? left : panel_units / step_units;
        struct tile_input in = {input, with.features, with.integers + unit * octets, steps * step_units,
                                0, 0, steps * step_units, with.group_features};
        if (grouped) {
            in.scales = with.scales + unit * with.groups;
            in.zeros = with.zeros + unit * with.groups;
        }
        long row = 0;
        for (; row + many_rows <= rows; row += many_rows) {
            in.rows = input + row * with.features;
            multiply_rows(in, many_rows, many_rows_steps, steps, grouped, with, unit, output + row * with.units);
        }
        for (; row < rows; row++) {
            in.rows = input + row * with.features;
            multiply_rows(in, 1, one_row_steps, steps, grouped, with, unit, output + row * with.units);
        }
    }
}

static void multiply(
    const float *input, long rows, struct int4_weights with, long first_unit, long units, float *output) {
    if (with.scales) {
        multiply_all(input, rows, with, 1, first_unit, units, output);
    } else {
        multiply_all(input, rows, with, 0, first_unit, units, output);
    }
}
