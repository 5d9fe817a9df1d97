// Zstandard's stable interface.
#include <zstd.h>
#include <zstd_errors.h>
