// Row loops of a sweep's analysis. Planes are tightly packed, `width` numbers a row.
#pragma once

#include <stdint.h>

/// out = in weighted 1 2 1 along rows and columns, edges repeated. `scratch` holds 3 × width numbers.
void saccade_smooth_plane(const float *in, int width, int height, float *scratch, float *out);

/// out = side × before + (1 − 2 side) × here + side × after.
void saccade_mix_planes(const float *before, const float *here, const float *after, float side, long count,
                        float *out);

// Bitmaps: a row takes (width + 63) / 64 words, the first column in the lowest bit; bits beyond the width are 0.

/// Bit 1 where in > level.
void saccade_bits_over(const float *in, float level, int width, int height, uint64_t *out);
/// Bytes 0 and 1 to bits and back.
void saccade_bits_pack(const uint8_t *in, int width, int height, uint64_t *out);
void saccade_bits_unpack(const uint64_t *in, int width, int height, uint8_t *out);

/// out = 1 where in is 1 at a place or beside it: at its four neighbours, or its eight (`square`). Or, with `grow` 0,
/// where in is 1 at a place and at all of these. Nothing is beyond the edges of the plane, neither a 1 nor a 0. in and out are different.
void saccade_bits_spread(const uint64_t *in, int width, int height, int grow, int square, uint64_t *out);

/// Runs of `value` in one row of bits, as `saccade_find_runs` gives them.
int saccade_bits_runs(const uint64_t *row, int width, int value, int32_t *pairs);

/// One row of `count` numbers, straight lines between `grid` values that stand at the centres of blocks of `side`
/// columns, level beyond the first and the last.
void saccade_spread_row(const float *grid, int blocks, int side, int count, float *out);

/// Sums of values by blocks of 8 columns over `rows` rows of `width`: of those with mask 1 and |value − level| ≤
/// window. `level` has a row for each, or one for all (`level_step` 0; else the width). Sets sums, squares (of value −
/// level) and counts, (width + 7) / 8 of each. `scratch` holds 3 × width numbers.
void saccade_block_sums(const float *values, const float *level, int level_step, const uint8_t *mask, float window,
                        int width, int rows, float *scratch, float *sums, float *squares, float *counts);

/// out = 1 where mask and value < level − dark × (level − air), 2 where mask and value > level + bright ×
/// (level − air), else 0. Returns whether any is not 0.
int saccade_mark_row(const float *values, const float *level, const uint8_t *mask, float air, float dark,
                     float bright, int count, uint8_t *out);

/// Runs of `value` in a row of bytes as pairs first, end; returns how many pairs, at most (count + 1) / 2.
int saccade_find_runs(const uint8_t *row, int count, uint8_t value, int32_t *pairs);

/// Counts values into `bins` of a histogram from low on, `per_unit` bins a unit; what lies outside goes into the
/// first or the last bin. Looks at each `step`-th value.
void saccade_histogram(const float *values, long count, int step, float low, float per_unit, int bins,
                       uint32_t *histogram);

/// The least and the greatest of each `step`-th value that is a number; 0 and 0 when none is.
void saccade_range(const float *values, long count, int step, float *least, float *greatest);
