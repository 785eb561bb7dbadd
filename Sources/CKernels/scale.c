#include "scale.h"

#include "clones.h"

#include <string.h>

// Strips of this many samples keep the sums in the first-level cache.
enum { strip = 2048 };
// Two sums of 16 bits in one word: as many rows of a pair of bytes fit.
enum { most_rows = 128 };

static inline uint32_t load_32(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

static inline uint16_t load_16(const uint8_t *at) {
  uint16_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// Each function adds four rows, or one, to the sums of what lies below each other. Words hold several
// neighbours, which are added within the word: portable, and any compiler makes vectors of it.

// Bytes, four neighbours a sum: two 16-bit sums of two in a 32-bit word.
static inline uint32_t two_pairs(const uint8_t *at) {
  uint32_t word = load_32(at);
  return (word & 0x00ff00ff) + (word >> 8 & 0x00ff00ff);
}
CLONES static void add4_quads(const uint8_t *restrict row, long stride, int n, uint32_t *restrict sum) {
  for (int i = 0; i < n; i++)
    sum[i] += two_pairs(row + 4 * i) + two_pairs(row + stride + 4 * i) + two_pairs(row + 2 * stride + 4 * i) +
              two_pairs(row + 3 * stride + 4 * i);
}
CLONES static void add_quads(const uint8_t *restrict row, int n, uint32_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += two_pairs(row + 4 * i);
}

// Bytes, two neighbours a sum.
static inline uint16_t pair(const uint8_t *at) {
  uint16_t word = load_16(at);
  return (uint16_t)((word & 0xff) + (word >> 8));
}
CLONES static void add2_pairs(const uint8_t *restrict row, long stride, int n, uint16_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += (uint16_t)(pair(row + 2 * i) + pair(row + stride + 2 * i));
}
CLONES static void add_pairs(const uint8_t *restrict row, int n, uint16_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += pair(row + 2 * i);
}

// Every second byte, two of them a sum: two 16-bit sums of one in a 32-bit word.
CLONES static void add_alternate(const uint8_t *restrict row, int shift, int n, uint32_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += load_32(row + 4 * i) >> shift & 0x00ff00ff;
}

CLONES static void add_bytes(const uint8_t *restrict row, int n, uint16_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += row[i];
}

// 16-bit samples, two neighbours a sum, or one.
CLONES static void add_word_pairs(const uint8_t *restrict row, int n, uint32_t *restrict sum) {
  for (int i = 0; i < n; i++) {
    uint32_t word = load_32(row + 4 * i);
    sum[i] += (word & 0xffff) + (word >> 16);
  }
}
CLONES static void add_words(const uint8_t *restrict row, int n, uint32_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] += load_16(row + 2 * i);
}

CLONES static void join_halves(uint32_t *sum, int n) {
  for (int i = 0; i < n; i++) sum[i] = (sum[i] & 0xffff) + (sum[i] >> 16);
}
CLONES static void widen(const uint16_t *restrict in, int n, uint32_t *restrict out) {
  for (int i = 0; i < n; i++) out[i] = in[i];
}

CLONES static void halve(const uint32_t *restrict in, int n, uint32_t *restrict out) {
  for (int i = 0; i < n; i++) out[i] = in[2 * i] + in[2 * i + 1];
}
CLONES static void third(const uint32_t *restrict in, int n, uint32_t *restrict out) {
  for (int i = 0; i < n; i++) out[i] = in[3 * i] + in[3 * i + 1] + in[3 * i + 2];
}
static void nth(const uint32_t *restrict in, int n, int box, uint32_t *restrict out) {
  for (int i = 0; i < n; i++) {
    uint32_t total = 0;
    for (int k = 0; k < box; k++) total += in[i * box + k];
    out[i] = total;
  }
}

static inline uint8_t at_most_255(uint64_t value) { return (uint8_t)(value < 255 ? value : 255); }

CLONES static void divide_by_power(const uint32_t *restrict in, int n, int bits, uint8_t *restrict out) {
  uint32_t half = bits ? 1u << (bits - 1) : 0;
  for (int i = 0; i < n; i++) {
    uint32_t value = (in[i] + half) >> bits;
    out[i] = (uint8_t)(value < 255 ? value : 255);
  }
}
CLONES static void divide_by_small(const uint32_t *restrict in, int n, uint32_t divisor, uint8_t *restrict out) {
  // Exact below 4096: a sum is less than 2^8 divisors, so the reciprocal is off by less than 2^8 × divisor^2 / 2^32.
  uint32_t reciprocal = (uint32_t)(((1ull << 32) + divisor - 1) / divisor);
  for (int i = 0; i < n; i++) {
    uint32_t value = (uint32_t)((uint64_t)(in[i] + divisor / 2) * reciprocal >> 32);
    out[i] = (uint8_t)(value < 255 ? value : 255);
  }
}

// The means of 3 × 3 bytes, which 720p takes, in 16 bits all the way: down the columns, along the row, divided.
CLONES static void add_three(const uint8_t *restrict row, long stride, int n, uint16_t *restrict sum) {
  for (int i = 0; i < n; i++) sum[i] = (uint16_t)(row[i] + row[stride + i] + row[2 * stride + i]);
}
CLONES static void ninths(const uint16_t *restrict in, int n, uint8_t *restrict out) {
  // Two loops: joining three neighbours and narrowing each want another width of vector.
  uint16_t sum[strip / 3];
  for (int i = 0; i < n; i++) sum[i] = (uint16_t)(in[3 * i] + in[3 * i + 1] + in[3 * i + 2] + 4);
  // A sum is below 2^12, so the reciprocal's error stays far below one part.
  for (int i = 0; i < n; i++) out[i] = (uint8_t)((uint32_t)sum[i] * 7282 >> 16);
}
static void thirds_row(const uint8_t *row, long stride, int n, uint8_t *out) {
  uint16_t sum[strip];
  add_three(row, stride, 3 * n, sum);
  ninths(sum, n, out);
}

// The means of `columns` boxes, each of `parts` sums.
static void finish(uint32_t *sum, int parts, int columns, uint32_t divisor, uint8_t *out) {
  uint32_t joined[strip];
  if (parts == 2) halve(sum, columns, joined);
  if (parts == 3) third(sum, columns, joined);
  if (parts > 3) nth(sum, columns, parts, joined);
  if (parts > 1) sum = joined;
  if ((divisor & (divisor - 1)) == 0) {
    divide_by_power(sum, columns, __builtin_ctz(divisor), out);
  } else if (divisor < 4096) {
    divide_by_small(sum, columns, divisor, out);
  } else {
    for (int i = 0; i < columns; i++) out[i] = at_most_255(((uint64_t)sum[i] + divisor / 2) / divisor);
  }
}

typedef struct {
  int width, height;
  uint32_t divisor;
} box;

// One row of whole boxes out of bytes that lie side by side; `row` is the first byte.
static void bytes_row(const uint8_t *row, long stride, box box, int columns, uint8_t *out) {
  uint32_t sum[strip];
  uint16_t narrow[strip];
  int n = columns * box.width, y = 0;
  if (box.width == 3 && box.height == 3 && box.divisor == 9) {
    thirds_row(row, stride, columns, out);
  } else if (box.width % 4 == 0) {
    memset(sum, 0, sizeof *sum * (unsigned)(n / 4));
    for (; y + 4 <= box.height; y += 4) add4_quads(row + y * stride, stride, n / 4, sum);
    for (; y < box.height; y++) add_quads(row + y * stride, n / 4, sum);
    join_halves(sum, n / 4);
    finish(sum, box.width / 4, columns, box.divisor, out);
  } else if (box.width % 2 == 0) {
    memset(narrow, 0, sizeof *narrow * (unsigned)(n / 2));
    for (; y + 2 <= box.height; y += 2) add2_pairs(row + y * stride, stride, n / 2, narrow);
    for (; y < box.height; y++) add_pairs(row + y * stride, n / 2, narrow);
    widen(narrow, n / 2, sum);
    finish(sum, box.width / 2, columns, box.divisor, out);
  } else {
    memset(narrow, 0, sizeof *narrow * (unsigned)n);
    for (; y < box.height; y++) add_bytes(row + y * stride, n, narrow);
    widen(narrow, n, sum);
    finish(sum, box.width, columns, box.divisor, out);
  }
}

// As above, out of every second byte; `row` is the first byte of the first pair, boxes have even widths.
static void alternate_row(const uint8_t *row, long stride, int offset, box box, int columns, uint8_t *out) {
  uint32_t sum[strip];
  int n = columns * box.width / 2;
  memset(sum, 0, sizeof *sum * (unsigned)n);
  for (int y = 0; y < box.height; y++) add_alternate(row + y * stride, 8 * offset, n, sum);
  join_halves(sum, n);
  finish(sum, box.width / 2, columns, box.divisor, out);
}

// As above, out of 16-bit samples side by side.
static void words_row(const uint8_t *row, long stride, box box, int columns, uint8_t *out) {
  uint32_t sum[strip];
  int pairs = box.width % 2 == 0, n = columns * box.width >> pairs;
  memset(sum, 0, sizeof *sum * (unsigned)n);
  for (int y = 0; y < box.height; y++) (pairs ? add_word_pairs : add_words)(row + y * stride, n, sum);
  finish(sum, box.width >> pairs, columns, box.divisor, out);
}

static uint32_t sample(const saccade_plane *plane, int x, int y) {
  const uint8_t *at = plane->data + (long)y * plane->stride + (long)x * plane->step + plane->offset;
  switch (plane->kind) {
    case 0: return at[0];
    case 1: return at[0] | (uint32_t)at[1] << 8;
    default: return at[1] | (uint32_t)at[0] << 8;
  }
}

static uint8_t any_box(const saccade_plane *plane, int x0, int y0, int width, int height, int shift) {
  int x1 = x0 + width < plane->width ? x0 + width : plane->width;
  int y1 = y0 + height < plane->height ? y0 + height : plane->height;
  uint64_t sum = 0, divisor = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0) << shift;
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++) sum += sample(plane, x, y);
  return at_most_255((sum + divisor / 2) / divisor);
}

void saccade_box_average(const saccade_plane *plane, int box_width, int box_height, int shift, int columns,
                         int rows, uint8_t *out) {
  box box = {box_width, box_height, (uint32_t)(box_width * box_height) << shift};
  int little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && box_height <= most_rows && box_width <= strip;
  int is_bytes = little && plane->kind == 0 && plane->step == 1;
  int is_alternate = little && plane->kind == 0 && plane->step == 2 && box_width % 2 == 0;
  int is_words = little && plane->kind == 1 && plane->step == 2;
  int fast_columns = plane->width / box_width < columns ? plane->width / box_width : columns;
  int fast_rows = plane->height / box_height < rows ? plane->height / box_height : rows;
  if (!is_bytes && !is_alternate && !is_words) fast_columns = 0;
  int at_once = box_width <= strip ? strip / box_width : 1;
  for (int y = 0; y < rows; y++) {
    int x = 0;
    uint8_t *line = out + (long)y * columns;
    for (; y < fast_rows && x < fast_columns;) {
      int n = fast_columns - x < at_once ? fast_columns - x : at_once;
      const uint8_t *row =
          plane->data + (long)y * box_height * plane->stride + (long)x * box_width * plane->step;
      if (is_bytes) bytes_row(row, plane->stride, box, n, line + x);
      if (is_alternate) alternate_row(row, plane->stride, plane->offset, box, n, line + x);
      if (is_words) words_row(row, plane->stride, box, n, line + x);
      x += n;
    }
    for (; x < columns; x++) line[x] = any_box(plane, x * box_width, y * box_height, box_width, box_height, shift);
  }
}
