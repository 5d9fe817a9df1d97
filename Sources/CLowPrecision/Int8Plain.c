#include "Int8Vectors.h"

enum { many_rows = 4, many_rows_steps = 1, few_rows = 2, few_rows_steps = 1, one_row_steps = 1 };

INLINE void tile(
    struct rows rows, const int count, struct panel panel, const int steps, long groups, int16 *sums) {
    for (int index = 0; index < count * steps; index++) { sums[index] = 0; }
    for (long group = 0; group < groups; group++) {
        for (int row = 0; row < count; row++) {
            const uint8_t *features = rows.quantized + row * rows.bytes + group * group_features;
            for (int unit = 0; unit < steps * step_units; unit++) {
                const int8_t *weights = panel.weights + group * panel.bytes + unit * group_features;
                uint32_t sum = (uint32_t)sums[row * steps + unit / step_units][unit % step_units];
                for (int feature = 0; feature < group_features; feature++) {
                    sum += (uint32_t)(features[feature] * weights[feature]);
                }
                sums[row * steps + unit / step_units][unit % step_units] = (int32_t)sum;
            }
        }
    }
}

#include "Int8Template.h"

const struct int8_kernels int8_plain = {"plain", quantize, multiply};
