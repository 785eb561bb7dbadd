#include "sweep.h"

#include <math.h>
#include <string.h>

#include "clones.h"

static inline int least(int a, int b) { return a < b ? a : b; }

CLONES static void smooth_row(const float *in, int width, float *out) {
  if (width == 1) {
    out[0] = in[0];
    return;
  }
  out[0] = 0.25f * (3 * in[0] + in[1]);
  for (int x = 1; x < width - 1; x++) out[x] = 0.25f * (in[x - 1] + 2 * in[x] + in[x + 1]);
  out[width - 1] = 0.25f * (in[width - 2] + 3 * in[width - 1]);
}

CLONES static void mix_rows(const float *a, const float *b, const float *c, float side, long count, float *out) {
  float middle = 1 - 2 * side;
  for (long i = 0; i < count; i++) out[i] = side * (a[i] + c[i]) + middle * b[i];
}

void saccade_smooth_plane(const float *in, int width, int height, float *scratch, float *out) {
  // Three smoothed rows at a time: the plane is read once while it is in the cache.
  float *rows[3] = {scratch, scratch + width, scratch + 2 * (long)width};
  smooth_row(in, width, rows[1]);
  memcpy(rows[0], rows[1], sizeof(float) * (size_t)width);
  for (int y = 0; y < height; y++) {
    smooth_row(in + (long)least(y + 1, height - 1) * width, width, rows[2]);
    mix_rows(rows[0], rows[1], rows[2], 0.25f, width, out + (long)y * width);
    float *oldest = rows[0];
    rows[0] = rows[1], rows[1] = rows[2], rows[2] = oldest;
  }
}

void saccade_mix_planes(const float *before, const float *here, const float *after, float side, long count,
                        float *out) {
  mix_rows(before, here, after, side, count, out);
}

static inline long words_of(int width) { return (width + 63) / 64; }

CLONES static void over_row(const float *in, float level, int count, uint8_t *out) {
  for (int x = 0; x < count; x++) out[x] = in[x] > level;
}

static inline uint64_t eight(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

static void pack_row(const uint8_t *in, int width, uint64_t *out) {
  for (int x = 0; x < width; x += 64) {
    uint64_t word = 0;
    int n = least(64, width - x), i = 0;
    // Eight bytes of 0 and 1 to eight bits: the product gathers them in its top byte.
    for (; i + 8 <= n; i += 8) word |= (eight(in + x + i) * 0x0102040810204080u >> 56) << i;
    for (; i < n; i++) word |= (uint64_t)in[x + i] << i;
    out[x / 64] = word;
  }
}

void saccade_bits_over(const float *in, float level, int width, int height, uint64_t *out) {
  enum { part = 1024 };
  uint8_t bytes[part];
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x += part) {
      int n = least(part, width - x);
      over_row(in + (long)y * width + x, level, n, bytes);
      pack_row(bytes, n, out + y * words_of(width) + x / 64);
    }
}

void saccade_bits_pack(const uint8_t *in, int width, int height, uint64_t *out) {
  for (int y = 0; y < height; y++) pack_row(in + (long)y * width, width, out + y * words_of(width));
}

void saccade_bits_unpack(const uint64_t *in, int width, int height, uint8_t *out) {
  for (int y = 0; y < height; y++) {
    const uint64_t *words = in + y * words_of(width);
    uint8_t *row = out + (long)y * width;
    int x = 0;
    for (; x + 8 <= width; x += 8) {
      // Each bit to the byte of its number.
      uint64_t bits = words[x / 64] >> (x % 64) & 0xff;
      uint64_t spread = (bits * 0x0101010101010101u & 0x8040201008040201u) + 0x7f7f7f7f7f7f7f7fu;
      uint64_t bytes = spread >> 7 & 0x0101010101010101u;
      // The topmost byte's own bit is its highest, and would carry out of the word.
      bytes = (bytes & 0x00ffffffffffffffu) | (bits >> 7) << 56;
      memcpy(row + x, &bytes, sizeof bytes);
    }
    for (; x < width; x++) row[x] = words[x / 64] >> (x % 64) & 1;
  }
}

// Each bit with its neighbours in the row, in one word: `before` and `after` are the words beside it.
static inline uint64_t beside(uint64_t before, uint64_t here, uint64_t after) {
  return here | here << 1 | here >> 1 | before >> 63 | after << 63;
}

void saccade_bits_spread(const uint64_t *in, int width, int height, int grow, int square, uint64_t *out) {
  long words = words_of(width);
  // Shrinking grows what is 0. Beyond the edges there is neither: in the complement, 0 as well.
  uint64_t flip = grow ? 0 : ~(uint64_t)0;
  uint64_t last = width % 64 ? ~(uint64_t)0 >> (64 - width % 64) : ~(uint64_t)0;
  for (int y = 0; y < height; y++) {
    const uint64_t *here = in + y * words;
    const uint64_t *above = y > 0 ? here - words : here, *below = y + 1 < height ? here + words : here;
    for (long w = 0; w < words; w++) {
      uint64_t edge = w + 1 == words ? last : ~(uint64_t)0;
#define WORD(row, at) (((row)[at] ^ flip) & ((at) + 1 == words ? last : ~(uint64_t)0))
      uint64_t column = WORD(here, w) | WORD(above, w) | WORD(below, w);
      uint64_t spread;
      if (square) {
        uint64_t before = w > 0 ? WORD(here, w - 1) | WORD(above, w - 1) | WORD(below, w - 1) : 0;
        uint64_t after = w + 1 < words ? WORD(here, w + 1) | WORD(above, w + 1) | WORD(below, w + 1) : 0;
        spread = beside(before, column, after);
      } else {
        spread = column | beside(w > 0 ? WORD(here, w - 1) : 0, WORD(here, w), w + 1 < words ? WORD(here, w + 1) : 0);
      }
      out[y * words + w] = (spread ^ flip) & edge;
#undef WORD
    }
  }
}

// The first bit from `from` on that differs from `flip`'s; the width when there is none.
static inline int next_bit(const uint64_t *row, int width, int from, uint64_t flip) {
  if (from >= width) return width;
  long w = from / 64;
  uint64_t word = (row[w] ^ flip) >> (from % 64) << (from % 64);
  while (!word) {
    if (++w == words_of(width)) return width;
    word = row[w] ^ flip;
  }
  return least((int)(w * 64) + __builtin_ctzll(word), width);
}

int saccade_bits_runs(const uint64_t *row, int width, int value, int32_t *pairs) {
  uint64_t flip = value ? 0 : ~(uint64_t)0;
  int found = 0;
  for (int x = next_bit(row, width, 0, flip); x < width;) {
    pairs[2 * found] = x;
    x = next_bit(row, width, x, ~flip);
    pairs[2 * found++ + 1] = x;
    x = next_bit(row, width, x, flip);
  }
  return found;
}

CLONES void saccade_spread_row(const float *grid, int blocks, int side, int count, float *out) {
  int half = side / 2;
  for (int x = 0; x < least(half, count); x++) out[x] = grid[0];
  for (int b = 0; b + 1 < blocks; b++) {
    int first = b * side + half, end = least(first + side, count);
    float from = grid[b], step = (grid[b + 1] - from) / (float)side;
    for (int x = first; x < end; x++) out[x] = from + step * ((float)(x - first) + 0.5f);
  }
  for (int x = (blocks - 1) * side + half; x < count; x++) out[x] = grid[blocks - 1];
}

CLONES static void add_row(const float *values, const float *level, const uint8_t *mask, float window, int width,
                           float *restrict sums, float *restrict squares, float *restrict counts) {
  for (int x = 0; x < width; x++) {
    float off = values[x] - level[x];
    float takes = mask[x] && off >= -window && off <= window ? 1.0f : 0.0f;
    sums[x] += takes * values[x];
    squares[x] += takes * off * off;
    counts[x] += takes;
  }
}

static void fold_row(const float *in, int width, float *out) {
  for (int b = 0; b * 8 < width; b++) {
    float sum = 0;
    for (int x = b * 8; x < least(b * 8 + 8, width); x++) sum += in[x];
    out[b] = sum;
  }
}

void saccade_block_sums(const float *values, const float *level, int level_step, const uint8_t *mask, float window,
                        int width, int rows, float *scratch, float *sums, float *squares, float *counts) {
  float *row_sums = scratch, *row_squares = scratch + width, *row_counts = scratch + 2 * (long)width;
  memset(scratch, 0, 3 * sizeof(float) * (size_t)width);
  for (int y = 0; y < rows; y++)
    add_row(values + (long)y * width, level + (long)y * level_step, mask + (long)y * width, window, width, row_sums,
            row_squares, row_counts);
  fold_row(row_sums, width, sums);
  fold_row(row_squares, width, squares);
  fold_row(row_counts, width, counts);
}

CLONES int saccade_mark_row(const float *values, const float *level, const uint8_t *mask, float air, float dark,
                            float bright, int count, uint8_t *out) {
  uint8_t any = 0;
  for (int x = 0; x < count; x++) {
    float contrast = level[x] - air, off = values[x] - level[x];
    uint8_t mark = (uint8_t)((off < -dark * contrast) | ((off > bright * contrast) << 1));
    mark = mask[x] ? mark : 0;
    out[x] = mark;
    any |= mark;
  }
  return any != 0;
}

int saccade_find_runs(const uint8_t *row, int count, uint8_t value, int32_t *pairs) {
  uint64_t all = 0x0101010101010101u * value;
  int found = 0, x = 0;
  while (x < count) {
    // Eight bytes of another value at once: most of a row is one value.
    while (x + 8 <= count) {
      uint64_t differs = eight(row + x) ^ all;
      // Has any byte of `differs` become zero? (exact: no borrow reaches a byte without one below it)
      if ((differs - 0x0101010101010101u) & ~differs & 0x8080808080808080u) break;
      x += 8;
    }
    while (x < count && row[x] != value) x++;
    if (x == count) break;
    pairs[2 * found] = x;
    while (x + 8 <= count && eight(row + x) == all) x += 8;
    while (x < count && row[x] == value) x++;
    pairs[2 * found++ + 1] = x;
  }
  return found;
}

void saccade_histogram(const float *values, long count, int step, float low, float per_unit, int bins,
                       uint32_t *histogram) {
  for (long i = 0; i < count; i += step) {
    float at = (values[i] - low) * per_unit;
    // Also takes what is not a number.
    int bin = !(at > 0) ? 0 : at < (float)bins ? (int)at : bins - 1;
    histogram[bin]++;
  }
}

void saccade_range(const float *values, long count, int step, float *least_out, float *greatest_out) {
  float low = INFINITY, high = -INFINITY;
  for (long i = 0; i < count; i += step) {
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  *least_out = low <= high ? low : 0;
  *greatest_out = low <= high ? high : 0;
}
