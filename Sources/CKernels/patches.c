#include "clones.h"
#include "lanes.h"
#include "vision.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// One patch, a pixel at a time: those at the right edge, where there is no whole pair.
static saccade_patch one_patch(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int columns,
                               int rows, int right, int below) {
  saccade_patch p = {.count = (uint32_t)(columns * rows)};
  for (int y = 0; y < rows; y++) {
    long next = y + 1 < rows || below ? width : 0;
    for (int x = 0; x < columns; x++) {
      long i = y * width + x;
      p.current += c[i];
      p.background += b[i];
      p.current_sq += (uint32_t)(c[i] * c[i]);
      p.background_sq += (uint32_t)(b[i] * b[i]);
      p.product += (uint32_t)(c[i] * b[i]);
      p.change += (uint32_t)distance(c[i], l[i]);
      if (x + 1 == columns && !right) continue;
      p.gradient += (uint32_t)(distance(c[i], c[i + 1]) + distance(c[i], c[i + next]));
      p.background_gradient += (uint32_t)(distance(b[i], b[i + 1]) + distance(b[i], b[i + next]));
    }
  }
  return p;
}

static inline uint32_t sum_8_longs(const uint32_t *at) {
  uint64_t pairs = load_64(at) + load_64(at + 2) + load_64(at + 4) + load_64(at + 6);
  return (uint32_t)pairs + (uint32_t)(pairs >> 32);
}

// Sixteen columns of two patches side by side, with all their sums in registers.
#define WIDE(at) __builtin_convertvector(load16(at), words16)
#define LONG(v) __builtin_convertvector(v, longs16)

// Not functions: what takes wide vectors by value depends on the instruction set.
#define ADD_APART(sum, a, b)                                  \
  do {                                                        \
    signed16 step = (signed16)((a) - (b)), sign = step >> 15; \
    sum += (words16)((step ^ sign) - sign);                   \
  } while (0)

CLONES static void add_pair(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int rows, int below,
                            long ahead, saccade_patch *patches) {
  words16 current = {0}, background = {0}, change = {0}, gradient = {0}, background_gradient = {0};
  longs16 current_sq = {0}, background_sq = {0}, product = {0};
  for (int y = 0; y < rows; y++) {
    long at = y * width, next = y + 1 < rows || below ? at + width : at;
    words16 cs = WIDE(c + at), bs = WIDE(b + at);
    __builtin_prefetch(b + at + ahead);
    __builtin_prefetch(l + at + ahead);
    current += cs;
    background += bs;
    current_sq += LONG(cs * cs);
    background_sq += LONG(bs * bs);
    product += LONG(cs * bs);
    ADD_APART(change, cs, WIDE(l + at));
    ADD_APART(gradient, cs, WIDE(c + at + 1));
    ADD_APART(gradient, cs, WIDE(c + next));
    ADD_APART(background_gradient, bs, WIDE(b + at + 1));
    ADD_APART(background_gradient, bs, WIDE(b + next));
  }
  for (int k = 0; k < 2; k++) {
    int x = k * patch_side;
    patches[k] = (saccade_patch){
        .count = (uint32_t)(patch_side * rows),
        .current = sum_8_words((uint16_t *)&current + x),
        .background = sum_8_words((uint16_t *)&background + x),
        .current_sq = sum_8_longs((uint32_t *)&current_sq + x),
        .background_sq = sum_8_longs((uint32_t *)&background_sq + x),
        .product = sum_8_longs((uint32_t *)&product + x),
        .change = sum_8_words((uint16_t *)&change + x),
        .gradient = sum_8_words((uint16_t *)&gradient + x),
        .background_gradient = sum_8_words((uint16_t *)&background_gradient + x),
    };
  }
}

#if defined(__x86_64__)
#define ADD add_pair_apart
#define AT static
#define VECTOR __m128i
#define FETCH(at) _mm_loadu_si128((const __m128i *)(at))
#define NONE _mm_setzero_si128()
#define OP(name) _mm_##name
#include "patch_rows.h"

#define ADD add_two_pairs_apart
#define AT __attribute__((target("avx2"))) static
#define VECTOR __m256i
#define FETCH(at) _mm256_loadu_si256((const __m256i *)(at))
#define NONE _mm256_setzero_si256()
#define OP(name) _mm256_##name
#include "patch_rows.h"
#endif

// How patches side by side are summed; each looks at the column on its right. Those to be summed later lie `ahead`: the
// background and the last picture are fetched from memory meanwhile.
typedef struct {
  void (*add)(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int rows, int below, long ahead,
              saccade_patch *patches);
  int at_once;
} way;

static void sum_patches(way way, const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                        int height, saccade_patch *patches) {
  int columns = (width + patch_side - 1) / patch_side, whole = (width - 1) / patch_side;
  if (whole < way.at_once) whole = 0;
  for (int y = 0; y < height; y += patch_side) {
    int rows = height - y < patch_side ? height - y : patch_side, below = y + rows < height;
    long ahead = y + 2 * patch_side <= height ? patch_side * (long)width : 0;
    saccade_patch *line = patches + y / patch_side * columns;
    for (int next = 0; next < whole; next += way.at_once) {
      // What is left at the end is summed with some before it once more.
      int column = next + way.at_once <= whole ? next : whole - way.at_once;
      long at = (long)y * width + column * patch_side;
      way.add(current + at, background + at, last + at, width, rows, below, ahead, line + column);
    }
    for (int column = whole; column < columns; column++) {
      int x = column * patch_side, n = width - x < patch_side ? width - x : patch_side;
      long at = (long)y * width + x;
      line[column] = one_patch(current + at, background + at, last + at, width, n, rows, x + n < width, below);
    }
  }
}

static const way anywhere = {add_pair, 2};

static way best_way(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return (way){add_two_pairs_apart, 4};
  return (way){add_pair_apart, 2};
#else
  return anywhere;
#endif
}

void saccade_patch_sums(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                        int height, saccade_patch *patches) {
  sum_patches(best_way(), current, background, last, width, height, patches);
}

void saccade_patch_sums_anywhere(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                                 int height, saccade_patch *patches) {
  sum_patches(anywhere, current, background, last, width, height, patches);
}
