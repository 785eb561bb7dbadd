#include "clones.h"
#include "lanes.h"
#include "vision.h"

enum { compared = 32 };
typedef uint8_t bytes32 __attribute__((vector_size(32)));

// How clearly pixels differ from what is predicted: 2, 1, 0; and their thresholds. Returns whether any gets 2.
INLINE uint8_t compare_some(const uint8_t *c, const uint8_t *p, const uint8_t *allowance, uint8_t base, uint8_t *far,
                            uint8_t *mask) {
  bytes32 now, before, beyond, none = {0};
  LOAD(now, c);
  LOAD(before, p);
  LOAD(beyond, allowance);
  bytes32 off = __builtin_elementwise_max(now, before) - __builtin_elementwise_min(now, before);
  beyond = __builtin_elementwise_add_sat(beyond, none + base);
  // Five eighths, rounded down: a half and an eighth, and what both leave over.
  bytes32 doubtful = (beyond >> 1) + (beyond >> 3) + (beyond >> 2 & beyond & 1);
  bytes32 is_far = (bytes32)(off > beyond), levels = -((bytes32)(off > doubtful) + is_far);
  memcpy(far, &beyond, sizeof beyond);
  memcpy(mask, &levels, sizeof levels);
  return __builtin_reduce_or(is_far);
}

// Marks by 3 which pixels lie outside of all that is predicted around them; none does that isn't marked by 2. There is one more
// pixel on both sides of what is predicted.
INLINE void mark_outside(const uint8_t *c, const uint8_t *above, const uint8_t *here, const uint8_t *below,
                         const uint8_t *far, uint8_t *mask) {
  const uint8_t *rows[] = {above, here, below};
  bytes32 low, high, now, around, beyond, levels, none = {0};
  LOAD(low, here);
  LOAD(now, c);
  LOAD(beyond, far);
  LOAD(levels, mask);
  high = low;
  for (int y = 0; y < 3; y++) {
    for (int x = -1; x < 2; x++) {
      LOAD(around, rows[y] + x);
      low = __builtin_elementwise_min(low, around);
      high = __builtin_elementwise_max(high, around);
    }
  }
  bytes32 outside = (__builtin_elementwise_max(low, now) - now) | (__builtin_elementwise_max(high, now) - high);
  bytes32 is_outside = (bytes32)(outside > beyond);
  levels = PICK(is_outside, none + 3, levels);
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
                                const uint8_t *restrict allowance, int width, int height, uint8_t base,
                                uint8_t *restrict masks) {
  uint8_t far[compared];
  for (int y = 0; y < height; y++) {
    three_rows p = rows_around(predicted, width, height, y);
    const uint8_t *c = current + (long)y * width, *a = allowance + (long)y * width;
    uint8_t *mask = masks + (long)y * width;
    for (int next = 0; next < width; next += compared) {
      // What whole vectors leave over is done with some pixels before it once more.
      int x = next + compared <= width ? next : width - compared;
      if (!compare_some(c + x, p.here + x, a + x, base, far, mask + x)) continue;
      if (x > 0 && x + compared < width) {
        mark_outside(c + x, p.above + x, p.here + x, p.below + x, far, mask + x);
      } else {
        mark_edge(c + x, p, x, far, mask + x);
      }
    }
  }
}

static void compare_short_row(const uint8_t *c, three_rows p, const uint8_t *allowance, uint8_t base, uint8_t *mask) {
  uint8_t rows[3][compared] = {{0}}, far[compared], levels[compared];
  size_t n = (size_t)p.width;
  memcpy(rows[0], c, n);
  memcpy(rows[1], p.here, n);
  memcpy(rows[2], allowance, n);
  if (compare_some(rows[0], rows[1], rows[2], base, far, levels)) mark_edge(rows[0], p, 0, far, levels);
  memcpy(mask, levels, n);
}

void saccade_compare(const uint8_t *current, const uint8_t *predicted, const uint8_t *allowance, int width, int height,
                     int base, uint8_t *mask) {
  if (width >= compared) {
    compare_rows(current, predicted, allowance, width, height, (uint8_t)base, mask);
    return;
  }
  for (int y = 0; y < height; y++) {
    long at = (long)y * width;
    compare_short_row(current + at, rows_around(predicted, width, height, y), allowance + at, (uint8_t)base, mask + at);
  }
}
