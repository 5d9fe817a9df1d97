#include "CJSONReference.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include <simdjson.h>

// MARK: Reading

size_t reference_read_floats(
    const uint8_t *text, size_t count, size_t readable, float *elements, size_t capacity) {
    // Its memory is used again, as ours is.
    static thread_local simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    if (parser.iterate(reinterpret_cast<const char *>(text), count, readable).get(document) != simdjson::SUCCESS) return 0;
    simdjson::ondemand::array rows;
    if (document.get_array().get(rows) != simdjson::SUCCESS) return 0;
    size_t read = 0;
    for (auto row : rows) {
        simdjson::ondemand::array numbers;
        if (row.get_array().get(numbers) != simdjson::SUCCESS) return 0;
        for (auto number : numbers) {
            double value;
            if (read == capacity || number.get_double().get(value) != simdjson::SUCCESS) return 0;
            elements[read++] = float(value);
        }
    }
    return read;
}

// MARK: Writing

size_t reference_write_floats(const float *values, size_t count, char *text) {
    char *out = text;
    for (size_t i = 0; i < count; ++i) {
        out = std::to_chars(out, out + 31, values[i]).ptr;
        *out++ = ',';
    }
    return size_t(out - text);
}

/// A finite number as it should be written: std::to_chars's digits, in Python's layout without padding in the exponent.
static size_t expected_text(float value, char *text) {
    char scientific[32];
    char *end = std::to_chars(scientific, scientific + 32, std::fabs(value), std::chars_format::scientific).ptr;
    char digits[32];
    int count = 0, exponent = 0;
    for (const char *p = scientific; p != end; ++p) {
        if (*p == 'e') {
            std::from_chars(p + (p[1] == '+' ? 2 : 1), end, exponent);
            break;
        }
        if (*p != '.') digits[count++] = *p;
    }
    char *out = text;
    if (std::signbit(value)) *out++ = '-';
    auto digit = [&](int i) { *out++ = i >= 0 && i < count ? digits[i] : '0'; };
    if (exponent < -4 || exponent > 15) {
        digit(0);
        if (count > 1) *out++ = '.';
        for (int i = 1; i < count; ++i) digit(i);
        *out++ = 'e';
        out = std::to_chars(out, out + 8, exponent).ptr;
        return size_t(out - text);
    }
    // The digit at 0 stands for 10^exponent; those before it and behind the last are zeros.
    for (int i = std::min(exponent, 0); i <= exponent; ++i) digit(i);
    *out++ = '.';
    int fraction = exponent + 1;
    do digit(fraction++); while (fraction < count);
    return size_t(out - text);
}

size_t reference_first_wrong(const float *values, size_t count, const uint8_t *text, size_t text_count) {
    auto p = reinterpret_cast<const char *>(text);
    auto end = p + text_count;
    if (p == end || *p++ != '[') return 0;
    for (size_t i = 0; i < count; ++i) {
        char expected[64];
        size_t length = expected_text(values[i], expected);
        if (size_t(end - p) <= length || std::memcmp(p, expected, length) != 0) return i;
        float read = 0;
        auto result = std::from_chars(p, end, read);
        // Below the normal numbers it reports what it reads nevertheless; the bits decide.
        if (result.ptr != p + length || std::memcmp(&read, &values[i], sizeof read) != 0) return i;
        p += length;
        if (*p++ != (i + 1 == count ? ']' : ',')) return i;
    }
    return p == end ? count : count + 1;
}
