// The functions of one instruction set. The file that includes this one has defined
//
//     INLINE void tile(struct rows rows, const int count, struct panel panel, const int steps, long groups, int16 *sums)
//
// which adds up the products of `count` rows and 16 times `steps` units, both constants, and the constants `many_rows`,
// `few_rows` and `one_row`, each with the `..._steps` that a tile of so many rows has at most.

static float quantize(const float *input, long columns, struct int8_range range, uint8_t *quantized) {
    // Without their signs, bits are ordered as the numbers are, with infinity above them and NaN above that.
    uint16 largest = 0;
    long column = 0;
    for (; column + 16 <= columns; column += 16) {
        uint16 bits;
        memcpy(&bits, input + column, sizeof bits);
        largest = __builtin_elementwise_max(largest, bits & 0x7FFFFFFF);
    }
    float16 rest = 0;
    memcpy(&rest, input + column, (unsigned long)(columns - column) * sizeof(float));
    largest = __builtin_elementwise_max(largest, (uint16)rest & 0x7FFFFFFF);
    const uint32_t bits = __builtin_reduce_max(largest);
    float maximum;
    memcpy(&maximum, &bits, sizeof maximum);

    const float scale = range.high / (maximum + range.epsilon);
    const long filled = (columns + group_features - 1) / group_features * group_features;
    for (column = 0; column < filled; column += 16) {
        float16 numbers = rest;
        if (column + 16 <= columns) { memcpy(&numbers, input + column, sizeof numbers); }
        numbers *= scale;
        // A comparison with NaN is false.
        numbers = (numbers == numbers) ? __builtin_elementwise_roundeven(numbers) : (float16)0;
        numbers = __builtin_elementwise_min(numbers, (float16)range.high);
        numbers = __builtin_elementwise_max(numbers, (float16)range.low);
        const byte16 bytes = __builtin_convertvector(__builtin_convertvector(numbers, int16) + 128, byte16);
        memcpy(quantized + column, &bytes, (unsigned long)(filled - column < 16 ? filled - column : 16));
    }
    return scale;
}

/// What is made of the sums of all units, or of some.
struct finish {
    const int32_t *corrections;
    const float *scales;
    const float *bias;
    long units;
};

/// One row's sums of 16 units to numbers.
INLINE void finish_step(struct finish with, const int16 *sums, long unit, float input_scale, float *output) {
    int16 correction;
    float16 scale;
    memcpy(&correction, with.corrections + unit, sizeof correction);
    memcpy(&scale, with.scales + unit, sizeof scale);
    // Unsigned, because it may wrap around.
    float16 numbers = __builtin_convertvector((int16)((uint16)*sums - (uint16)correction), float16);
    numbers /= scale * input_scale;
    if (with.bias) {
        float16 bias;
        memcpy(&bias, with.bias + unit, sizeof bias);
        numbers += bias;
    }
    const long left = with.units - unit;
    memcpy(output + unit, &numbers, (unsigned long)(left < 16 ? left : 16) * sizeof(float));
}

/// `count` rows, a constant, with up to four steps of a panel, at most `most` at a time.
INLINE void multiply_rows(
    struct rows rows, const int count, struct panel panel, long unit, long steps, const int most, long groups,
    struct finish with, const float *input_scales, float *output) {
    for (long step = 0; step < steps;) {
        int16 sums[6 * panel_steps];
        const struct panel part = {panel.weights + step * step_bytes, panel.bytes};
        const int size = steps - step < most ? (int)(steps - step) : most;
        switch (size) {
        case 1: tile(rows, count, part, 1, groups, sums); break;
        case 2: tile(rows, count, part, 2, groups, sums); break;
        case 3: tile(rows, count, part, 3, groups, sums); break;
        default: tile(rows, count, part, 4, groups, sums); break;
        }
        for (int row = 0; row < count; row++) {
            for (int index = 0; index < size; index++) {
                finish_step(
                    with, &sums[row * size + index], unit + (step + index) * step_units, input_scales[row],
                    output + row * with.units);
            }
        }
        step += size;
    }
}

static void multiply(
    const uint8_t *quantized, const float *input_scales, long rows, long groups, const int8_t *weights,
    const int32_t *corrections, const float *scales, const float *bias, long kernel_units, long first_unit,
    long units, float *output) {
    const long row_bytes = groups * group_features;
    const struct finish with = {corrections, scales, bias, kernel_units};
    for (long unit = first_unit; unit < first_unit + units; unit += panel_steps * step_units) {
        const long left = (kernel_units - unit + step_units - 1) / step_units;
        const long steps = left < panel_steps ? left : panel_steps;
        const struct panel panel = {weights + unit * row_bytes, steps * step_bytes};
        long row = 0;
#define EACH(count, most)                                                                                              \
    for (; row + count <= rows; row += count) {                                                                        \
        const struct rows part = {quantized + row * row_bytes, row_bytes};                                             \
        multiply_rows(                                                                                                 \
            part, count, panel, unit, steps, most, groups, with, input_scales + row, output + row * kernel_units);     \
    }
        EACH(many_rows, many_rows_steps)
        EACH(few_rows, few_rows_steps)
        EACH(1, one_row_steps)
#undef EACH
    }
}
