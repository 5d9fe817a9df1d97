#include "CSimdjson.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

#include <simdjson.h>

#include "Decimal.h"
#include "TensorDecoder.h"

// MARK: The index

struct csj_index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

csj_index *csj_index_create(void) { return new (std::nothrow) csj_index(); }

void csj_index_free(csj_index *index) { delete index; }

size_t csj_index_capacity(const csj_index *index) { return index->parser ? index->parser->capacity() : 0; }

/// Room for documents of `count` bytes: rounded up to a power of two while small, so that a slowly growing series of
/// documents does not allocate each time.
static csj_status reserve(csj_index *index, size_t count) {
    size_t capacity = count;
    if (count < (size_t(1) << 24)) {
        capacity = 4096;
        while (capacity < count) capacity *= 2;
    }
    simdjson::error_code error;
    if (!index->parser) {
        error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, index->parser);
    } else if (index->parser->capacity() < count) {
        error = index->parser->set_capacity(capacity);
    } else {
        return csj_ok;
    }
    if (error != simdjson::SUCCESS) {
        // A parser that failed to grow has lost the memory it had.
        index->parser.reset();
        return csj_out_of_memory;
    }
    return csj_ok;
}

csj_status csj_index_build(
    csj_index *index, const uint8_t *bytes, size_t count, size_t readable, csj_document *document) {
    if (count == 0) return csj_empty;
    csj_status status = reserve(index, count);
    if (status != csj_ok) return status;
    switch (index->parser->stage1(bytes, count, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return csj_empty;
    case simdjson::MEMALLOC: return csj_out_of_memory;
    default: return csj_invalid_text;
    }
    document->bytes = bytes;
    document->count = count;
    document->readable = readable;
    document->offsets = index->parser->structural_indexes.get();
    document->token_count = index->parser->n_structural_indexes;
    return csj_ok;
}

// MARK: Single numbers

template <typename Real>
static csj_status real(csj_document document, size_t token, Real *value) {
    const uint8_t *p = document.bytes + document.offsets[token];
    const uint8_t *end = document.bytes + document.count;
    Decimal decimal;
    const uint8_t *stop = scan<false>(p, end, decimal);
    if (stop != nullptr && ends_scalar(stop, end)) {
        return nearest(p, stop, decimal, *value) ? csj_ok : csj_out_of_range;
    }
    static const struct { const char *word; Real value; } words[] = {
        {"NaN", std::numeric_limits<Real>::quiet_NaN()},
        {"Infinity", std::numeric_limits<Real>::infinity()},
        {"-Infinity", -std::numeric_limits<Real>::infinity()},
        // As rapidjson has them, by which other servers read.
        {"Inf", std::numeric_limits<Real>::infinity()},
        {"-Inf", -std::numeric_limits<Real>::infinity()},
    };
    for (const auto &entry : words) {
        size_t length = std::strlen(entry.word);
        if (size_t(end - p) >= length && std::memcmp(p, entry.word, length) == 0 && ends_scalar(p + length, end)) {
            *value = entry.value;
            return csj_non_finite;
        }
    }
    return csj_invalid;
}

csj_status csj_float(csj_document document, size_t token, float *value) { return real(document, token, value); }

csj_status csj_double(csj_document document, size_t token, double *value) { return real(document, token, value); }

csj_status csj_integer(csj_document document, size_t token, int64_t *value) {
    const uint8_t *p = document.bytes + document.offsets[token];
    const uint8_t *end = document.bytes + document.count;
    Decimal decimal;
    const uint8_t *stop = scan<false>(p, end, decimal);
    if (stop == nullptr || !ends_scalar(stop, end)) return csj_invalid;
    for (const uint8_t *q = p; q != stop; ++q) {
        if (*q == '.' || *q == 'e' || *q == 'E') return csj_invalid;
    }
    auto text = reinterpret_cast<const char *>(p);
    auto result = std::from_chars(text, reinterpret_cast<const char *>(stop), *value);
    return result.ec == std::errc() ? csj_ok : csj_out_of_range;
}

// MARK: Tensors

bool csj_tensor_shape(
    csj_document document, size_t token, size_t *dimensions, size_t *rank, size_t *end) {
    auto byte = [&](size_t t) { return t < document.token_count ? document.bytes[document.offsets[t]] : uint8_t(0); };
    // Down the first elements to the first number or empty array.
    size_t depth = 0;
    while (byte(token + depth) == '[') {
        if (depth == CSJ_MAXIMUM_RANK) return false;
        ++depth;
    }
    *rank = depth;
    // Back up. `length` is what an element of the array at hand takes in tokens, if all are like its first.
    size_t length = 1;
    for (size_t level = depth; level-- > 0;) {
        size_t count = 0;
        size_t at = token + level + 1;
        if (level + 1 == depth && byte(at) == ']') {
            length = 2;
        } else {
            for (;;) {
                ++count;
                if (length >= document.token_count - at) return false;
                at += length;
                if (byte(at) == ']') break;
                if (byte(at) != ',') return false;
                ++at;
            }
            length = at + 1 - (token + level);
        }
        dimensions[level] = count;
    }
    *end = token + length;
    return true;
}

csj_status csj_tensor_decode(
    csj_document document, size_t token, const size_t *dimensions, size_t rank, bool allow_non_finite,
    size_t first, size_t last, float *elements) {
    if (rank == 0) {
        csj_status status = csj_float(document, token, elements);
        return status == csj_non_finite && allow_non_finite ? csj_ok : status;
    }
    return TensorDecoder(document, dimensions, rank, allow_non_finite, token, elements).decode(first, last);
}
