/// Nested arrays of numbers, or a part of them, to float32.
#pragma once

#include <algorithm>
#include <cstring>

#include "CSimdjson.h"
#include "Decimal.h"
#include "DecimalVector.h"

/// Walks arrays whose shape is known along the tokens, checking each bracket and comma.
///
/// Most numbers are read by vectors, into digits and divisors first and then, some dozens at a time, into floats. Those
/// that vectors do not read are read again one by one. Where many are of that kind, the way of reading changes.
class TensorDecoder {
public:
    TensorDecoder(
        csj_document document, const size_t *dimensions, size_t rank, bool allow_non_finite, size_t token, float *out)
        : document(document), dimensions(dimensions), rank(rank), allow_non_finite(allow_non_finite), token(token),
          out(out) {}

    /// The elements from `first` up to `last`, and the tokens that belong to them.
    csj_status decode(size_t first, size_t last) {
        size_t count = 1;
        for (size_t level = 0; level < rank; ++level) count *= dimensions[level];
        if (count == 0) return first == 0 ? empty_array(0) : csj_ok;
        size_t position[CSJ_MAXIMUM_RANK];
        enter(first, position);
        size_t width = dimensions[rank - 1];
        while (first < last) {
            size_t numbers = std::min(width - position[rank - 1], last - first);
            bool ends_row = position[rank - 1] + numbers == width;
            csj_status status = read(numbers, ends_row ? ']' : ',');
            if (status != csj_ok) return status;
            first += numbers;
            position[rank - 1] += numbers;
            if (ends_row && !next_row(position)) return csj_invalid;
        }
        return flush();
    }

private:
    const csj_document document;
    const size_t *const dimensions;
    const size_t rank;
    const bool allow_non_finite;
    size_t token;
    /// Where the next float goes; those pending go there first.
    float *out;

    uint8_t byte(size_t t) const { return document.bytes[document.offsets[t]]; }

    // MARK: Brackets

    /// Sets `token` and `position` to an element's; for the first, checks the brackets before it.
    void enter(size_t element, size_t *position) {
        // What an array of each level takes in tokens: its elements with a comma or a bracket behind each, and a bracket.
        size_t length = 1, rest = element;
        for (size_t level = rank; level-- > 0;) {
            position[level] = rest % dimensions[level];
            rest /= dimensions[level];
            token += 1 + position[level] * (length + 1);
            length = dimensions[level] * (length + 1) + 1;
        }
        if (element == 0) {
            for (size_t level = 1; level <= rank; ++level) unexpected |= byte(token - level) ^ '[';
        }
    }

    /// Behind the bracket that ends a row: the brackets of what else ends with it, and of what begins then.
    bool next_row(size_t *position) {
        size_t level = rank - 1;
        position[level] = 0;
        while (level-- > 0) {
            bool is_last = ++position[level] == dimensions[level];
            unexpected |= byte(token++) ^ (is_last ? ']' : ',');
            if (!is_last) break;
            position[level] = 0;
        }
        if (level < rank) {
            while (++level < rank) unexpected |= byte(token++) ^ '[';
        }
        return unexpected == 0;
    }

    /// An array without a number, whose tokens may be others than its first siblings'.
    csj_status empty_array(size_t level) {
        if (document.token_count - token < 2 || byte(token++) != '[') return csj_invalid;
        size_t count = dimensions[level];
        if (count == 0) return byte(token++) == ']' ? csj_ok : csj_invalid;
        for (size_t i = 0; i < count; ++i) {
            csj_status status = empty_array(level + 1);
            if (status != csj_ok) return status;
            if (token == document.token_count || byte(token++) != (i + 1 == count ? ']' : ',')) return csj_invalid;
        }
        return csj_ok;
    }

    // MARK: Numbers

    /// How numbers are read at the moment: by vectors of 16 or 32 bytes, or byte by byte.
    enum class Way { narrow, wide, bytes };
    Way way = has_vectors() ? Way::narrow : Way::bytes;
    /// Numbers read since the way was last considered, and those it did not suit.
    size_t considered = 0, misfits = 0;

    /// Bits of bytes that should have been others.
    uint8_t unexpected = 0;

    /// Numbers of a row, `closing` behind the last.
    csj_status read(size_t count, uint8_t closing) {
        // Vectors read that many bytes before a number, and one behind what follows it.
        while (count > 1 && document.offsets[token] < 64) {
            csj_status status = read_bytes(1, ',');
            if (status != csj_ok) return status;
            --count;
        }
        bool is_inside = document.offsets[token] >= 64
            && document.readable - document.offsets[token + 2 * count - 1] >= 2;
        size_t together = is_inside ? count : count - 1;
        while (together > 0) {
            size_t part = together;
            csj_status status = csj_ok;
            uint8_t behind = closing;
            auto bounded = [&](size_t most) {
                part = std::min(part, most);
                behind = part == count ? closing : ',';
            };
            switch (way) {
#if defined(__x86_64__)
            case Way::narrow:
                bounded(capacity - pending);
                read_narrow(part, behind);
                if (pending == capacity) status = flush();
                break;
            case Way::wide:
                bounded(capacity);
                status = read_wide(part, behind);
                break;
#endif
            default:
                bounded(capacity * 16);
                status = read_bytes(part, behind);
                considered += part;
            }
            if (status != csj_ok) return status;
            reconsider();
            together -= part;
            count -= part;
        }
        csj_status status = count > 0 ? read_bytes(count, closing) : csj_ok;
        return unexpected != 0 ? csj_invalid : status;
    }

    /// Changes the way when it does not suit, and goes back to the fastest after a while.
    void reconsider() {
        if (considered < capacity) return;
        if (misfits * 4 > considered) {
            way = way == Way::narrow ? Way::wide : Way::bytes;
        } else if (way != Way::narrow && has_vectors() && considered >= capacity * 64) {
            way = Way::narrow;
        } else if (way != Way::narrow) {
            return;
        }
        considered = misfits = 0;
    }

    csj_status read_bytes(size_t count, uint8_t closing) {
        csj_status status = flush();
        if (status != csj_ok) return status;
        bool padded = document.readable - document.offsets[token + 2 * count - 1] >= 32;
        return padded ? read_bytes<true>(count, closing) : read_bytes<false>(count, closing);
    }

    template <bool Padded>
    csj_status read_bytes(size_t count, uint8_t closing) {
        const size_t first = token;
        float *const target = out;
        uint8_t wrong = 0;
        for (size_t i = 0; i < count; ++i) {
            csj_status status = read_inline<Padded>(first + 2 * i, target + i);
            if (status != csj_ok) return status;
            wrong |= byte(first + 2 * i + 1) ^ (i + 1 == count ? closing : ',');
        }
        unexpected |= wrong;
        token += 2 * count;
        out += count;
        return csj_ok;
    }

    /// `Padded` says that eight bytes may be read wherever the number has one.
    template <bool Padded>
    __attribute__((always_inline)) csj_status read_inline(size_t number, float *value) const {
        const uint8_t *p = document.bytes + document.offsets[number];
        const uint8_t *limit = document.bytes + document.count;
        Decimal decimal;
        const uint8_t *stop = scan<Padded>(p, limit, decimal);
        if (stop != nullptr && (stop == document.bytes + document.offsets[number + 1] || ends_scalar(stop, limit))) {
            return nearest(p, stop, decimal, *value) ? csj_ok : csj_out_of_range;
        }
        csj_status status = csj_float(document, number, value);
        return status == csj_non_finite && allow_non_finite ? csj_ok : status;
    }

    /// The same, called where it is the exception.
    __attribute__((noinline)) csj_status read_one(size_t number, float *value) const {
        return read_inline<false>(number, value);
    }

    // MARK: Numbers by vectors

    static constexpr size_t capacity = 64;

#if defined(__x86_64__)

    /// Numbers that have digits and a divisor, but no float yet, and the token of each.
    size_t pending = 0;
    alignas(32) uint64_t digits[capacity];
    alignas(32) double divisors[capacity];
    uint32_t tokens[capacity];

    /// What a number is divided by, by its sign and the lane of its point.
    struct Divisors {
        double of[2][33];
    };

    static constexpr Divisors make_divisors() {
        Divisors divisors{};
        double power = 1;
        for (int point = 15; point >= 0; --point) {
            divisors.of[0][point] = power;
            power *= 10;
        }
        divisors.of[0][32] = 1;
        for (int point = 0; point < 33; ++point) divisors.of[1][point] = -divisors.of[0][point];
        return divisors;
    }

    static bool has_vectors() {
        static const bool answer = has_decimal_vector();
        return answer;
    }

    DECIMAL_VECTOR_TARGET void read_narrow(size_t count, uint8_t closing) {
        static constexpr Divisors table = make_divisors();
        const uint8_t *bytes = document.bytes;
        const size_t first = token;
        const uint32_t *offsets = document.offsets + first;
        uint64_t *const digits = this->digits + pending;
        double *const divisors = this->divisors + pending;
        uint32_t *const tokens = this->tokens + pending;
        uint8_t wrong = 0;
        for (size_t i = 0; i < count; ++i) {
            const uint8_t *p = bytes + offsets[2 * i], *stop = bytes + offsets[2 * i + 1];
            bool is_negative = *p == '-';
            PlainDecimal decimal = plain_decimal_16(p + is_negative, stop);
            // What is no float64 as it stands is looked at again.
            digits[i] = decimal.digits | (uint64_t(!decimal.is_good) << 62);
            divisors[i] = table.of[is_negative][decimal.point];
            tokens[i] = uint32_t(first + 2 * i);
            wrong |= *stop ^ (i + 1 == count ? closing : ',');
        }
        unexpected |= wrong;
        pending += count;
        token += 2 * count;
    }

    /// Makes floats of what is pending. The quotient of two exact float64 is the nearest to the number, and rounds to the
    /// float32 nearest to it unless it lies half-way between two: then the text decides.
    DECIMAL_VECTOR_TARGET csj_status flush() {
        if (pending == 0) return csj_ok;
        for (size_t i = pending; i % 4 != 0; ++i) digits[i] = 0, divisors[i] = 1;
        alignas(32) float floats[capacity];
        uint64_t unclear = 0;
        // Or-ing digits below 2^52 into this gives 2^52 more, as a float64.
        const __m256i magic = _mm256_set1_epi64x(0x4330000000000000);
        for (size_t i = 0; i < pending; i += 4) {
            __m256i whole = _mm256_load_si256(reinterpret_cast<const __m256i *>(digits + i));
            __m256d exact = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(whole, magic)), _mm256_castsi256_pd(magic));
            __m256d quotient = _mm256_div_pd(exact, _mm256_load_pd(divisors + i));
            _mm_store_ps(floats + i, _mm256_cvtpd_ps(quotient));
            __m256i below = _mm256_and_si256(_mm256_castpd_si256(quotient), _mm256_set1_epi64x(0x1FFFFFFF));
            __m256i half = _mm256_cmpeq_epi64(below, _mm256_set1_epi64x(0x10000000));
            __m256i large = _mm256_cmpgt_epi64(whole, _mm256_set1_epi64x((int64_t(1) << 52) - 1));
            unclear |= uint64_t(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_or_si256(half, large)))) << i;
        }
        std::memcpy(out, floats, pending * sizeof(float));
        considered += pending;
        misfits += __builtin_popcountll(unclear);
        for (; unclear != 0; unclear &= unclear - 1) {
            size_t i = __builtin_ctzll(unclear);
            csj_status status = read_one(tokens[i], out + i);
            if (status != csj_ok) return status;
        }
        out += pending;
        pending = 0;
        return csj_ok;
    }

    DECIMAL_VECTOR_TARGET csj_status read_wide(size_t count, uint8_t closing) {
        csj_status status = flush();
        if (status != csj_ok) return status;
        const uint8_t *bytes = document.bytes;
        const size_t first = token;
        const uint32_t *offsets = document.offsets + first;
        float *const target = out;
        size_t missed = 0;
        uint8_t wrong = 0;
        for (size_t i = 0; i < count; ++i) {
            const uint8_t *p = bytes + offsets[2 * i], *stop = bytes + offsets[2 * i + 1];
            bool is_negative = *p == '-';
            PlainDecimal plain = plain_decimal_32(p + is_negative, stop);
            if (plain.is_good) {
                Decimal decimal = {plain.digits, plain.point < 32 ? int64_t(plain.point) - 31 : 0, is_negative, true};
                // Never out of range: 10^19 at most, and with 31 digits behind the point at most, no subnormal.
                nearest(p, stop, decimal, target[i]);
            } else {
                ++missed;
                status = read_one(first + 2 * i, target + i);
                if (status != csj_ok) return status;
            }
            wrong |= *stop ^ (i + 1 == count ? closing : ',');
        }
        unexpected |= wrong;
        considered += count;
        misfits += missed;
        token += 2 * count;
        out += count;
        return csj_ok;
    }

#else

    static constexpr bool has_vectors() { return false; }
    csj_status flush() { return csj_ok; }

#endif
};
