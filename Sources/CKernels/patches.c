#include "clones.h"
#include "lanes.h"
#include "vision.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum { pair_columns = 2 * patch_side };

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
                            saccade_patch *patches) {
  words16 current = {0}, background = {0}, change = {0}, gradient = {0}, background_gradient = {0};
  longs16 current_sq = {0}, background_sq = {0}, product = {0};
  for (int y = 0; y < rows; y++) {
    long at = y * width, next = y + 1 < rows || below ? at + width : at;
    words16 cs = WIDE(c + at), bs = WIDE(b + at);
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
// Every such processor sums the differences of eight bytes at once, which are a row of a patch.
typedef __m128i vector;

INLINE vector load(const uint8_t *at) { return _mm_loadu_si128((const vector *)at); }

// The sums of four in each of two vectors.
typedef struct {
  uint32_t of[2];
} two_sums;
INLINE two_sums sum_fours(vector a, vector b) {
  vector twos = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
  vector ones = _mm_add_epi32(twos, _mm_unpackhi_epi64(twos, twos));
  two_sums sums;
  memcpy(&sums, &ones, sizeof sums);
  return sums;
}

CLONES static void add_pair_apart(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int rows,
                                  int below, saccade_patch *patches) {
  vector none = _mm_setzero_si128(), current = none, background = none, change = none;
  vector gradient = none, background_gradient = none;
  vector current_sq[2] = {none, none}, background_sq[2] = {none, none}, product[2] = {none, none};
  vector cs = load(c), bs = load(b);
  for (int y = 0; y < rows; y++) {
    long at = y * width, next = y + 1 < rows || below ? at + width : at;
    vector next_cs = load(c + next), next_bs = load(b + next);
    current = _mm_add_epi64(current, _mm_sad_epu8(cs, none));
    background = _mm_add_epi64(background, _mm_sad_epu8(bs, none));
    change = _mm_add_epi64(change, _mm_sad_epu8(cs, load(l + at)));
    vector steps = _mm_add_epi64(_mm_sad_epu8(cs, load(c + at + 1)), _mm_sad_epu8(cs, next_cs));
    gradient = _mm_add_epi64(gradient, steps);
    steps = _mm_add_epi64(_mm_sad_epu8(bs, load(b + at + 1)), _mm_sad_epu8(bs, next_bs));
    background_gradient = _mm_add_epi64(background_gradient, steps);
    vector wide_cs[] = {_mm_unpacklo_epi8(cs, none), _mm_unpackhi_epi8(cs, none)};
    vector wide_bs[] = {_mm_unpacklo_epi8(bs, none), _mm_unpackhi_epi8(bs, none)};
    for (int k = 0; k < 2; k++) {
      current_sq[k] = _mm_add_epi32(current_sq[k], _mm_madd_epi16(wide_cs[k], wide_cs[k]));
      background_sq[k] = _mm_add_epi32(background_sq[k], _mm_madd_epi16(wide_bs[k], wide_bs[k]));
      product[k] = _mm_add_epi32(product[k], _mm_madd_epi16(wide_cs[k], wide_bs[k]));
    }
    cs = next_cs;
    bs = next_bs;
  }
  two_sums squares = sum_fours(current_sq[0], current_sq[1]);
  two_sums background_squares = sum_fours(background_sq[0], background_sq[1]);
  two_sums products = sum_fours(product[0], product[1]);
  for (int k = 0; k < 2; k++) {
    patches[k] = (saccade_patch){
        .count = (uint32_t)(patch_side * rows),
        .current = (uint32_t)((uint64_t *)&current)[k],
        .background = (uint32_t)((uint64_t *)&background)[k],
        .current_sq = squares.of[k],
        .background_sq = background_squares.of[k],
        .product = products.of[k],
        .change = (uint32_t)((uint64_t *)&change)[k],
        .gradient = (uint32_t)((uint64_t *)&gradient)[k],
        .background_gradient = (uint32_t)((uint64_t *)&background_gradient)[k],
    };
  }
}
#else
#define add_pair_apart add_pair
#endif

typedef void add_two(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int rows, int below,
                     saccade_patch *patches);

static void sum_patches(add_two *add, const uint8_t *current, const uint8_t *background, const uint8_t *last,
                        int width, int height, saccade_patch *patches) {
  int columns = (width + patch_side - 1) / patch_side;
  // A pair looks at the column on its right.
  int pairs = (width - 1) / pair_columns;
  for (int y = 0; y < height; y += patch_side) {
    int rows = height - y < patch_side ? height - y : patch_side, below = y + rows < height;
    saccade_patch *line = patches + y / patch_side * columns;
    for (int pair = 0; pair < pairs; pair++) {
      long at = (long)y * width + pair * pair_columns;
      add(current + at, background + at, last + at, width, rows, below, line + 2 * pair);
    }
    int done = 2 * pairs;
    // Of an odd number of whole patches the last pair is the last two, one of them once more.
    if (pairs > 0 && done * patch_side + patch_side < width) {
      long at = (long)y * width + (done - 1) * patch_side;
      add(current + at, background + at, last + at, width, rows, below, line + done - 1);
      done++;
    }
    for (int column = done; column < columns; column++) {
      int x = column * patch_side, n = width - x < patch_side ? width - x : patch_side;
      long at = (long)y * width + x;
      line[column] = one_patch(current + at, background + at, last + at, width, n, rows, x + n < width, below);
    }
  }
}

void saccade_patch_sums(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                        int height, saccade_patch *patches) {
  sum_patches(add_pair_apart, current, background, last, width, height, patches);
}

void saccade_patch_sums_anywhere(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                                 int height, saccade_patch *patches) {
  sum_patches(add_pair, current, background, last, width, height, patches);
}
