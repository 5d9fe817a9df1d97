/// What DenseServe uses of simdjson, with a plain C interface.
///
/// simdjson's first stage turns a document into an index: the offset of every bracket, colon, comma, string, number and
/// word outside strings, in order ("tokens" here), having checked that the text is UTF-8 and that strings are closed and
/// free of control characters. Everything after that is a walk along the index. Objects and strings are walked in Swift;
/// the nested arrays of a tensor are decoded here, in one call, into a buffer of the exact size.
///
/// No C++ exception leaves these functions, and none of them allocates, but csj_index_create and csj_index_build.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// The most axes a tensor may have.
enum { CSJ_MAXIMUM_RANK = 32 };

/// Memory for the index of one document at a time, used again for the next.
typedef struct csj_index csj_index;

/// An indexed document.
typedef struct {
    const uint8_t *_Null_unspecified bytes;
    /// The document's bytes, and how many may be read from `bytes` on, whatever those after `count` hold.
    size_t count, readable;
    /// The offset of each token, ascending. One more follows the last: `count`.
    const uint32_t *_Null_unspecified offsets;
    size_t token_count;
} csj_document;

typedef enum {
    csj_ok = 0,
    /// csj_index_build: no token in the text.
    csj_empty,
    /// csj_index_build: not UTF-8, an unclosed string, or a control character in one.
    csj_invalid_text,
    csj_out_of_memory,
    /// Not a JSON number. Also where an array's nesting is irregular.
    csj_invalid,
    /// The number rounds to an infinity.
    csj_out_of_range,
    /// NaN, Infinity, Inf or their negatives where they are not allowed.
    csj_non_finite
} csj_status;

/// NULL when memory is short.
csj_index *_Nullable csj_index_create(void);
void csj_index_free(csj_index *index);
/// The largest document the index has memory for. It takes four bytes of address space for each.
size_t csj_index_capacity(const csj_index *index);
/// Indexes `count` bytes, less than 4 GiB. On `csj_ok`, `document` is valid until the next call for this index.
csj_status csj_index_build(
    csj_index *index, const uint8_t *bytes, size_t count, size_t readable, csj_document *document);

/// The shape of the nested arrays that begin at `token`, as far as hopping from row to row tells: `dimensions` has room
/// for CSJ_MAXIMUM_RANK. False when they cannot be regular. Otherwise `end` is the token after them.
bool csj_tensor_shape(
    csj_document document, size_t token, size_t *dimensions, size_t *rank, size_t *end);

/// Decodes the elements from `first` up to `last`, counted row by row, of nested arrays of the shape csj_tensor_shape gave,
/// into `elements`, which has room for exactly those. Each is the float32 nearest to its decimal text, ties to even.
/// Every token of the arrays belongs to one element and is checked with it: the brackets before the first, and for each the
/// separators and brackets behind it. So the parts of a tensor may be decoded in any order, and by several threads.
/// Anything but csj_ok says that something is wrong somewhere: csj_float finds out where.
csj_status csj_tensor_decode(
    csj_document document, size_t token, const size_t *dimensions, size_t rank, bool allow_non_finite,
    size_t first, size_t last, float *elements);

/// Reads the number at `token`, checking that nothing else is attached to it. On csj_non_finite, `value` is set, too.
csj_status csj_float(csj_document document, size_t token, float *value);
csj_status csj_double(csj_document document, size_t token, double *value);
/// csj_out_of_range: an integer outside int64. csj_invalid: a number with fraction or exponent, or none at all.
csj_status csj_integer(csj_document document, size_t token, int64_t *value);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
