/// Decimal text to the nearest float32, or float64.
///
/// A float32 needs 24 bits of the value, and one multiplication of the digits with a 64-bit power of ten gives more
/// than 60, with a known error. Only when those bits leave open to which side of a midpoint the value lies (and for more
/// than 19 digits) does the standard library decide, from the text. So no value is ever rounded twice.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// A number's text: `digits * 10^exponent`, and its sign. `exact` is false when there were more than 19 significant
/// digits or the exponent was absurd; then only the text says what the value is.
struct Decimal {
    uint64_t digits;
    int64_t exponent;
    bool negative, exact;
};

// MARK: Scanning

inline bool is_digit(uint8_t c) { return uint8_t(c - '0') < 10; }

/// Whether all of eight bytes are ASCII digits.
inline bool are_digits(uint64_t bytes) {
    return (((bytes + 0x4646464646464646) | (bytes - 0x3030303030303030)) & 0x8080808080808080) == 0;
}

/// The number that eight digits, first in the lowest byte, spell: pairs, then fours, then all eight.
inline uint32_t eight_digits(uint64_t bytes) {
    bytes -= 0x3030303030303030;
    bytes = bytes * 10 + (bytes >> 8);
    const uint64_t mask = 0x000000FF000000FF;
    bytes = ((bytes & mask) * (100 + (uint64_t(1000000) << 32)) + ((bytes >> 16) & mask) * (1 + (uint64_t(10000) << 32))) >> 32;
    return uint32_t(bytes);
}

/// Reads a number by JSON's grammar and returns where it ends, or null when there is none at `p`. `Padded`: eight bytes
/// may be read anywhere within the number, and it does not end the document; otherwise nothing at `end` is read.
template <bool Padded>
__attribute__((always_inline)) inline const uint8_t *scan(const uint8_t *p, const uint8_t *end, Decimal &decimal) {
    auto at_digit = [&] { return (Padded || p != end) && is_digit(*p); };
    decimal.negative = *p == '-';
    p += decimal.negative;
    const uint8_t *start = p;
    uint64_t digits = 0;
    if (!at_digit()) return nullptr;
    if (*p == '0') {
        ++p;
        if (at_digit()) return nullptr;
    } else {
        do digits = digits * 10 + (*p++ - '0'); while (at_digit());
    }
    ptrdiff_t digit_count = p - start;
    int64_t exponent = 0;
    if ((Padded || p != end) && *p == '.') {
        const uint8_t *fraction = ++p;
        if (!at_digit()) return nullptr;
        if (Padded) {
            uint64_t eight;
            while (std::memcpy(&eight, p, 8), are_digits(eight)) {
                digits = digits * 100000000 + eight_digits(eight);
                p += 8;
            }
        }
        while (at_digit()) digits = digits * 10 + (*p++ - '0');
        exponent = fraction - p;
        digit_count += p - fraction;
    }
    decimal.exact = true;
    if (__builtin_expect(digit_count > 19, false)) {
        // Leading zeros do not count.
        const uint8_t *first = start;
        while (first != p && (*first == '0' || *first == '.')) ++first, digit_count -= first[-1] == '0';
        decimal.exact = digit_count <= 19;
    }
    if ((Padded || p != end) && (*p == 'e' || *p == 'E')) {
        ++p;
        bool negative = (Padded || p != end) && *p == '-';
        if ((Padded || p != end) && (*p == '-' || *p == '+')) ++p;
        if (!at_digit()) return nullptr;
        int64_t written = 0;
        do {
            // Far beyond any document's length, far below overflow.
            if (written < (int64_t(1) << 50)) written = written * 10 + (*p - '0');
            ++p;
        } while (at_digit());
        exponent += negative ? -written : written;
    }
    decimal.digits = digits;
    decimal.exponent = exponent;
    return p;
}

/// Whether a number or a word may end before `p`. A quote may not follow one: the index has no token for it.
inline bool ends_scalar(const uint8_t *p, const uint8_t *end) {
    if (p == end) return true;
    switch (*p) {
    case ' ': case '\t': case '\n': case '\r': case ',': case ':': case '[': case ']': case '{': case '}': return true;
    default: return false;
    }
}

// MARK: Powers of ten

/// 10^-65 to 10^38, the span that takes 19 digits to float32's limits: the leading 64 bits, rounded down. A power p is
/// `powers[p + 65] * 2^(floor(p * log2(10)) - 63)`.
constexpr int smallest_power = -65, largest_power = 38;

constexpr std::array<uint64_t, largest_power - smallest_power + 1> make_powers() {
    std::array<uint64_t, largest_power - smallest_power + 1> powers{};
    // 10^p and 5^p have the same leading bits. Numbers here are 384 bits wide, most significant word first.
    constexpr int words = 12;
    auto leading = [](const uint32_t *number) {
        int word = 0;
        while (number[word] == 0) ++word;
        int zeros = 0;
        while (((number[word] << zeros) & 0x80000000) == 0) ++zeros;
        auto at = [&](int i) { return i < words ? uint64_t(number[i]) : 0; };
        uint64_t high = (at(word) << 32) | at(word + 1);
        return zeros == 0 ? high : (high << zeros) | (at(word + 2) >> (32 - zeros));
    };
    uint32_t up[words] = {};
    up[words - 1] = 1;
    for (int power = 0; power <= largest_power; ++power) {
        powers[power - smallest_power] = leading(up);
        uint64_t carry = 0;
        for (int i = words; i-- > 0;) {
            carry += uint64_t(up[i]) * 5;
            up[i] = uint32_t(carry);
            carry >>= 32;
        }
    }
    // 2^383 divided by five over and over: rounding down each time is rounding down once.
    uint32_t down[words] = {};
    down[0] = 0x80000000;
    for (int power = -1; power >= smallest_power; --power) {
        uint64_t remainder = 0;
        for (int i = 0; i < words; ++i) {
            remainder = (remainder << 32) | down[i];
            down[i] = uint32_t(remainder / 5);
            remainder %= 5;
        }
        powers[power - smallest_power] = leading(down);
    }
    return powers;
}

constexpr auto powers_of_ten = make_powers();

// MARK: Rounding

/// The standard library's answer, from the text. False when the value rounds to an infinity.
template <typename Real>
__attribute__((noinline)) bool nearest_by_text(const uint8_t *text, const uint8_t *end, const Decimal &decimal, Real &value) {
    auto first = reinterpret_cast<const char *>(text), last = reinterpret_cast<const char *>(end);
    Real result = 0;
    auto status = std::from_chars(first, last, result);
    if (status.ec == std::errc::result_out_of_range) {
        // It says so of what is too small, too. Then the result is zero.
        const uint8_t *p = text + decimal.negative;
        int64_t magnitude = 0;
        bool fraction = false;
        // The decimal exponent of the first significant digit, less what is written as the exponent.
        for (; p != end && (*p == '0' || *p == '.'); ++p) {
            if (*p == '.') fraction = true;
            else if (fraction) --magnitude;
        }
        if (!fraction) {
            while (p != end && is_digit(*p)) ++p, ++magnitude;
        }
        int64_t written = decimal.exponent;
        if (const uint8_t *point = static_cast<const uint8_t *>(std::memchr(text, '.', end - text))) {
            for (const uint8_t *q = point + 1; q != end && is_digit(*q); ++q) ++written;
        }
        if (magnitude + written > 0) return false;
        result = decimal.negative ? Real(-0.0) : Real(0.0);
    }
    value = result;
    return true;
}

inline bool nearest(const uint8_t *text, const uint8_t *end, const Decimal &decimal, double &value) {
    return nearest_by_text(text, end, decimal, value);
}

/// Sets `value` to the float32 nearest to the number, ties to even. False when that is an infinity.
__attribute__((always_inline)) inline bool nearest(
    const uint8_t *text, const uint8_t *end, const Decimal &decimal, float &value) {
    if (__builtin_expect(!decimal.exact, false)) return nearest_by_text(text, end, decimal, value);
    uint32_t bits;
    if (decimal.digits == 0 || decimal.exponent < smallest_power) {
        bits = 0;
    } else if (decimal.exponent > largest_power) {
        return false;
    } else {
        int shift = __builtin_clzll(decimal.digits);
        auto product = static_cast<unsigned __int128>(decimal.digits << shift)
            * powers_of_ten[decimal.exponent - smallest_power];
        uint64_t high = uint64_t(product >> 64);
        int top = int(high >> 63);
        // The leading bit's weight is 2^exponent. 217706 / 65536 is log2(10), near enough for these powers.
        int exponent = int((decimal.exponent * 217706) >> 16) + 63 - shift + top;
        // What lies below the 24 bits of the result, or below the fewer a subnormal has.
        int dropped = 39 + top;
        if (__builtin_expect(exponent < -126, false)) {
            dropped += -126 - exponent;
            if (dropped > 62) return nearest_by_text(text, end, decimal, value);
        }
        uint64_t rest = high & ((uint64_t(1) << dropped) - 1);
        uint64_t half = uint64_t(1) << (dropped - 1);
        // The true product exceeds `high` by less than two. So unless `rest` is within that of the midpoint, it is clear.
        if (__builtin_expect(rest - (half - 2) <= 2, false)) return nearest_by_text(text, end, decimal, value);
        uint64_t significand = (high >> dropped) + (rest > half);
        if (__builtin_expect(exponent < -126, false)) {
            // A significand of 24 bits has become the smallest normal, and its bits say so by themselves.
            bits = uint32_t(significand);
        } else {
            if (exponent > 127) return false;
            // The leading bit of the significand adds one to the exponent field, and a carry into bit 24 another.
            bits = (uint32_t(exponent + 126) << 23) + uint32_t(significand);
            if (bits >= 0x7F800000) return false;
        }
    }
    bits |= uint32_t(decimal.negative) << 31;
    std::memcpy(&value, &bits, 4);
    return true;
}
