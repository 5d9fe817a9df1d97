/// Decimal text to digits, sixteen or thirty-two bytes at a time, for the numbers that most documents consist of: digits,
/// perhaps a sign before them and a point among them, no exponent.
///
/// Without a branch, because where the point stands and how long a number is cannot be foreseen, and a wrong guess costs
/// more than all the rest. The bytes that end a number are loaded twice, one of the loads a byte earlier, and merged at
/// the point, which closes the gap it leaves.
#pragma once

#if defined(__x86_64__)

#include <cstdint>
#include <immintrin.h>

/// What every CPU the kernels run on has, too.
#define DECIMAL_VECTOR_TARGET __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define DECIMAL_VECTOR_INLINE static inline __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), always_inline))

inline bool has_decimal_vector() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt");
}

/// What a vector of the last `Width` bytes of a number says. `is_good` is false when the text is no number, or one that
/// is to be read in another way: then nothing else counts.
struct PlainDecimal {
    uint64_t digits;
    /// The lane of the point; `Width * 2` without one. The digits behind it are `Width - 1 - point`.
    uint32_t point;
    bool is_good;
};

/// Masks of one width, to be loaded from places that move: bytes of ones from a lane on.
template <int Width>
struct SlidingMasks {
    /// From `last + n`: the last n lanes, n up to 2 * Width.
    uint8_t last[3 * Width];
    /// From `behind + 2 * Width - p`: the lanes behind p, or every lane for p = 2 * Width.
    uint8_t behind[3 * Width];
};

template <int Width>
constexpr SlidingMasks<Width> make_masks() {
    SlidingMasks<Width> masks{};
    for (int i = 0; i < 3 * Width; ++i) {
        masks.last[i] = i >= Width ? 0xFF : 0;
        masks.behind[i] = i < Width || i > 2 * Width ? 0xFF : 0;
    }
    return masks;
}

template <int Width>
alignas(64) constexpr SlidingMasks<Width> sliding_masks = make_masks<Width>();

/// The checks both widths have in common. `start` is the first byte behind the sign; `digit` and `point` have a bit for
/// each lane.
template <int Width>
DECIMAL_VECTOR_INLINE uint32_t faults(
    const uint8_t *start, uint32_t length, uint32_t digits_found, uint32_t digit_count, uint32_t point) {
    uint32_t first = uint8_t(start[0] - '0'), second = uint8_t(start[1] - '0');
    return (length > Width)
        // Everything is a digit, or the one point.
        | (digits_found ^ digit_count)
        // The point has digits on both sides, and a zero in front stands alone.
        | (point == Width - 1) | (first > 9) | ((first == 0) & (second <= 9));
}

/// Sixteen characters behind the sign at most. 17 bytes before `stop` and one behind it are read. No more than sixteen
/// digits.
DECIMAL_VECTOR_INLINE PlainDecimal plain_decimal_16(const uint8_t *start, const uint8_t *stop) {
    uint32_t length = uint32_t(stop - start);
    __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i *>(stop - 16));
    __m128i before = _mm_loadu_si128(reinterpret_cast<const __m128i *>(stop - 17));
    __m128i zero = _mm_set1_epi8('0');
    __m128i values = _mm_sub_epi8(text, zero);
    uint32_t digit = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values));
    uint32_t point = _mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('.')));
    // The number's own lanes, in the lower half.
    uint32_t lanes = uint32_t(0xFFFF0000) >> (length & 31);
    point &= lanes;
    uint32_t count = length - (point != 0);
    point = point != 0 ? __builtin_ctz(point) : 32;
    uint32_t fault = faults<16>(start, length, __builtin_popcount(digit & lanes), count, point);
    const auto &masks = sliding_masks<16>;
    __m128i behind = _mm_loadu_si128(reinterpret_cast<const __m128i *>(masks.behind + 32 - point));
    __m128i last = _mm_loadu_si128(reinterpret_cast<const __m128i *>(masks.last + (count & 31)));
    __m128i digits = _mm_and_si128(_mm_sub_epi8(_mm_blendv_epi8(before, text, behind), zero), last);
    // Pairs, then fours, then eights.
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));
    __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
    uint64_t both = _mm_cvtsi128_si64(eights);
    return {uint64_t(uint32_t(both)) * 100000000 + (both >> 32), point, fault == 0};
}

/// Thirty-two characters behind the sign at most, nineteen of which may count. 33 bytes before `stop` and one behind it
/// are read.
DECIMAL_VECTOR_INLINE PlainDecimal plain_decimal_32(const uint8_t *start, const uint8_t *stop) {
    uint32_t length = uint32_t(stop - start);
    __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 32));
    __m256i before = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 33));
    __m256i zero = _mm256_set1_epi8('0');
    __m256i values = _mm256_sub_epi8(text, zero);
    uint32_t digit = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(values, _mm256_set1_epi8(9)), values));
    uint32_t points = _mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('.')));
    uint32_t lanes = uint32_t(uint64_t(0xFFFFFFFF00000000) >> (length & 63));
    points &= lanes;
    uint32_t count = length - (points != 0);
    uint32_t point = points != 0 ? __builtin_ctzll(points) : 64;
    uint32_t fault = faults<32>(start, length, __builtin_popcount(digit & lanes), count, point);
    const auto &masks = sliding_masks<32>;
    __m256i behind = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(masks.behind + 64 - point));
    __m256i last = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(masks.last + (count & 63)));
    __m256i digits = _mm256_and_si256(_mm256_sub_epi8(_mm256_blendv_epi8(before, text, behind), zero), last);
    __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
    __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));
    __m256i eights = _mm256_madd_epi16(_mm256_packus_epi32(fours, fours), _mm256_set1_epi32(0x00012710));
    uint64_t high = _mm_cvtsi128_si64(_mm256_castsi256_si128(eights));
    uint64_t low = _mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1));
    uint64_t leading = uint64_t(uint32_t(high)) * 100000000 + (high >> 32);
    uint64_t trailing = uint64_t(uint32_t(low)) * 100000000 + (low >> 32);
    return {leading * 10000000000000000 + trailing, point, (fault | (leading > 999)) == 0};
}

#endif
