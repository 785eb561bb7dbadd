#include "clones.h"
#include "lanes.h"
#include "vision.h"

enum { compared = 16 };

// How clearly pixels differ from what is predicted: 2, 1, 0. Returns whether any gets 2. `factor` comes times 64, so that a
// deviation's share of the threshold is the high half of a product; volatile, since what stays the same is made wider ahead of the
// loop, and then such a product isn't recognized.
INLINE uint8_t compare_some(const uint8_t *c, const uint8_t *p, const uint16_t *deviation, uint16_t base,
                            const volatile words16 *factor, uint8_t *far, uint8_t *mask) {
  bytes16 now = load16(c), before = load16(p);
  words16 spread, none = {0};
  memcpy(&spread, deviation, sizeof spread);
  bytes16 off = __builtin_elementwise_max(now, before) - __builtin_elementwise_min(now, before);
  longs16 product = __builtin_convertvector(spread, longs16) * __builtin_convertvector(*factor, longs16);
  // Beyond 500 a threshold makes no difference: in bytes, all comparisons are cheapest.
  words16 threshold = __builtin_elementwise_min(base + __builtin_convertvector(product >> 16, words16), none + 500);
  bytes16 beyond = __builtin_convertvector(__builtin_elementwise_min(threshold, none + 255), bytes16);
  bytes16 doubtful = __builtin_convertvector(__builtin_elementwise_min(threshold * 5 >> 3, none + 255), bytes16);
  bytes16 is_far = (bytes16)(off > beyond), levels = -((bytes16)(off > doubtful) + is_far);
  memcpy(far, &beyond, sizeof beyond);
  memcpy(mask, &levels, sizeof levels);
  return __builtin_reduce_or(is_far);
}

// Marks by 3 which pixels lie outside of all that is predicted around them; none does that isn't marked by 2. There is one more
// pixel on both sides of what is predicted.
INLINE void mark_outside(const uint8_t *c, const uint8_t *above, const uint8_t *here, const uint8_t *below,
                         const uint8_t *far, uint8_t *mask) {
  const uint8_t *rows[] = {above, here, below};
  bytes16 low = load16(here), high = low, now = load16(c), zero = {0};
  for (int y = 0; y < 3; y++) {
    for (int x = -1; x < 2; x++) {
      bytes16 around = load16(rows[y] + x);
      low = __builtin_elementwise_min(low, around);
      high = __builtin_elementwise_max(high, around);
    }
  }
  bytes16 outside = (__builtin_elementwise_max(low, now) - now) | (__builtin_elementwise_max(high, now) - high);
  bytes16 is_outside = (bytes16)(outside > load16(far)), levels = PICK(is_outside, zero + 3, load16(mask));
  memcpy(mask, &levels, sizeof levels);
}

// Three rows of what is predicted: the one whose pixels are compared in the middle.
typedef struct {
  const uint8_t *above, *here, *below;
  int width;
} three_rows;

// Of pixels from `x` on and one more on both sides, beyond the row's ends its first and last.
INLINE void pad_row(const uint8_t *row, int width, int x, uint8_t *out) {
  for (int i = 0; i < compared + 2; i++) {
    int at = x + i - 1;
    out[i] = row[at < 0 ? 0 : at < width ? at : width - 1];
  }
}

static void mark_edge(const uint8_t *c, three_rows p, int x, const uint8_t *far, uint8_t *mask) {
  uint8_t rows[3][compared + 2];
  pad_row(p.above, p.width, x, rows[0]);
  pad_row(p.here, p.width, x, rows[1]);
  pad_row(p.below, p.width, x, rows[2]);
  mark_outside(c, rows[0] + 1, rows[1] + 1, rows[2] + 1, far, mask);
}

INLINE three_rows rows_around(const uint8_t *plane, int width, int height, int y) {
  const uint8_t *here = plane + (long)y * width;
  return (three_rows){y > 0 ? here - width : here, here, y + 1 < height ? here + width : here, width};
}

// Of a width of at least one vector.
CLONES static void compare_rows(const uint8_t *restrict current, const uint8_t *restrict predicted,
                                const uint16_t *restrict deviation, int width, int height, uint16_t base,
                                uint16_t factor, uint8_t *restrict masks) {
  uint8_t far[compared];
  words16 none = {0}, factors = none + factor;
  for (int y = 0; y < height; y++) {
    three_rows p = rows_around(predicted, width, height, y);
    const uint8_t *c = current + (long)y * width;
    uint8_t *mask = masks + (long)y * width;
    for (int next = 0; next < width; next += compared) {
      // What whole vectors leave over is done with some pixels before it once more.
      int x = next + compared <= width ? next : width - compared;
      if (!compare_some(c + x, p.here + x, deviation + (long)y * width + x, base, &factors, far, mask + x)) continue;
      if (x > 0 && x + compared < width) {
        mark_outside(c + x, p.above + x, p.here + x, p.below + x, far, mask + x);
      } else {
        mark_edge(c + x, p, x, far, mask + x);
      }
    }
  }
}

static void compare_short_row(const uint8_t *c, three_rows p, const uint16_t *deviation, uint16_t base,
                              uint16_t factor, uint8_t *mask) {
  uint8_t now[compared] = {0}, before[compared] = {0}, far[compared], levels[compared];
  uint16_t spread[compared] = {0};
  words16 none = {0}, factors = none + factor;
  size_t n = (size_t)p.width;
  memcpy(now, c, n);
  memcpy(before, p.here, n);
  memcpy(spread, deviation, n * sizeof *spread);
  if (compare_some(now, before, spread, base, &factors, far, levels)) mark_edge(now, p, 0, far, levels);
  memcpy(mask, levels, n);
}

void saccade_compare(const uint8_t *current, const uint8_t *predicted, const uint16_t *deviation, int width,
                     int height, int base, int factor, uint8_t *mask) {
  if (width >= compared) {
    compare_rows(current, predicted, deviation, width, height, (uint16_t)base, (uint16_t)(factor << 6), mask);
    return;
  }
  for (int y = 0; y < height; y++) {
    long at = (long)y * width;
    compare_short_row(current + at, rows_around(predicted, width, height, y), deviation + at, (uint16_t)base,
                      (uint16_t)(factor << 6), mask + at);
  }
}
