/// Other implementations of numbers in JSON, to measure and to check this one with. For the benchmark alone.
#ifndef CJSONREFERENCE_H
#define CJSONREFERENCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads arrays of arrays of numbers with simdjson's On-Demand interface, and returns how many there were; none when it
/// refuses. `readable` bytes may be read, 64 more than `count` at least.
size_t reference_read_floats(
    const uint8_t *text, size_t count, size_t readable, float *elements, size_t capacity);

/// Writes numbers with std::to_chars, a comma behind each, and returns the length. `text` has 32 bytes for each.
size_t reference_write_floats(const float *values, size_t count, char *text);

/// The first number that an array's text, `[1.0,2.5]`, does not have as it should: as many significant digits as
/// std::to_chars finds necessary, the same ones or ones as near to the value, in the layout JSON's users expect, which
/// read back as the same bits. `count` when all are right and nothing follows; more when something does.
size_t reference_first_wrong(const float *values, size_t count, const uint8_t *text, size_t text_count);

#ifdef __cplusplus
}
#endif

#endif
