#include "vision.h"

#include "clones.h"
#include "lanes.h"

enum { patch_side = 8, most_columns = 1024 };

// The sums of what lies side by side in memory, several at once in one word; no sum may overflow its part of it.
static inline uint32_t sum_8_words(const uint16_t *at) {
  return (uint32_t)((load_64(at) + load_64(at + 4)) * 0x0001000100010001 >> 48);
}
static inline uint32_t sum_8_longs(const uint32_t *at) {
  uint64_t pairs = load_64(at) + load_64(at + 2) + load_64(at + 4) + load_64(at + 6);
  return (uint32_t)pairs + (uint32_t)(pairs >> 32);
}

// Rows are some hundred pixels long. Left alone, compilers take several of the widest vectors at once, and leave what
// doesn't fill them, up to 255 pixels a row, to a loop that takes one at a time.
#if defined(__clang__)
#define NARROW _Pragma("clang loop vectorize_width(32) interleave_count(1)")
#else
#define NARROW
#endif

static inline int distance(uint8_t a, uint8_t b) { return a > b ? a - b : b - a; }

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

// Sixteen columns of two patches side by side, with all their sums in registers.
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words16 __attribute__((vector_size(32)));
typedef int16_t signed16 __attribute__((vector_size(32)));
typedef int8_t signs16 __attribute__((vector_size(16)));
typedef uint32_t longs16 __attribute__((vector_size(64)));
typedef int32_t wide16 __attribute__((vector_size(64)));
enum { pair_columns = 2 * patch_side };

#define WIDE(at) __builtin_convertvector(load16(at), words16)
#define LONG(v) __builtin_convertvector(v, longs16)

static inline __attribute__((always_inline)) bytes16 load16(const uint8_t *at) {
  bytes16 v;
  memcpy(&v, at, sizeof v);
  return v;
}
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

void saccade_patch_sums(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                        int height, saccade_patch *patches) {
  int columns = (width + patch_side - 1) / patch_side;
  // A pair looks at the column on its right.
  int pairs = (width - 1) / pair_columns;
  for (int y = 0; y < height; y += patch_side) {
    int rows = height - y < patch_side ? height - y : patch_side, below = y + rows < height;
    saccade_patch *line = patches + y / patch_side * columns;
    for (int pair = 0; pair < pairs; pair++) {
      long at = (long)y * width + pair * pair_columns;
      add_pair(current + at, background + at, last + at, width, rows, below, line + 2 * pair);
    }
    int done = 2 * pairs;
    // Of an odd number of whole patches the last pair is the last two, one of them once more.
    if (pairs > 0 && done * patch_side + patch_side < width) {
      long at = (long)y * width + (done - 1) * patch_side;
      add_pair(current + at, background + at, last + at, width, rows, below, line + done - 1);
      done++;
    }
    for (int column = done; column < columns; column++) {
      int x = column * patch_side, n = width - x < patch_side ? width - x : patch_side;
      long at = (long)y * width + x;
      line[column] = one_patch(current + at, background + at, last + at, width, n, rows, x + n < width, below);
    }
  }
}

CLONES static void add_change(const uint8_t *restrict a, const uint8_t *restrict b, int n,
                              uint16_t *restrict change) {
  NARROW
  for (int x = 0; x < n; x++) change[x] += distance(a[x], b[x]);
}

void saccade_patch_change(const uint8_t *a, const uint8_t *b, int width, int height, uint32_t *change) {
  int columns = (width + patch_side - 1) / patch_side;
  for (int left = 0; left < width; left += most_columns) {
    int n = width - left < most_columns ? width - left : most_columns;
    for (int y0 = 0; y0 < height; y0 += patch_side) {
      uint16_t sum[most_columns] = {0};
      int y1 = y0 + patch_side < height ? y0 + patch_side : height;
      for (int y = y0; y < y1; y++) {
        long at = (long)y * width + left;
        add_change(a + at, b + at, n, sum);
      }
      for (int x0 = 0; x0 < n; x0 += patch_side) {
        // What lies beyond the picture's edge is 0.
        change[y0 / patch_side * columns + (left + x0) / patch_side] = sum_8_words(sum + x0);
      }
    }
  }
}

CLONES void saccade_scale_row(const uint8_t *restrict in, const uint16_t *restrict gain, int pivot, int count,
                              uint8_t *restrict out) {
  NARROW
  for (int x = 0; x < count; x++) {
    int v = (((int)in[x] - pivot) * (int)gain[x] + 128) / 256 + pivot;
    v = v < 0 ? 0 : v;
    out[x] = (uint8_t)(v > 255 ? 255 : v);
  }
}

CLONES void saccade_mix_row(const uint16_t *restrict upper, const uint16_t *restrict lower, int share, int count,
                            uint16_t *restrict out) {
  NARROW
  for (int x = 0; x < count; x++)
    out[x] = (uint16_t)(((uint32_t)upper[x] * (uint32_t)(16 - share) + (uint32_t)lower[x] * (uint32_t)share) >> 4);
}

CLONES static void column_range(const uint8_t *restrict above, const uint8_t *restrict here,
                                const uint8_t *restrict below, int n, uint8_t *restrict low,
                                uint8_t *restrict high) {
  NARROW
  for (int x = 0; x < n; x++) {
    uint8_t least = above[x] < here[x] ? above[x] : here[x];
    uint8_t most = above[x] > here[x] ? above[x] : here[x];
    low[x] = least < below[x] ? least : below[x];
    high[x] = most > below[x] ? most : below[x];
  }
}

// `factor` comes times 64, so that a deviation's share of the threshold is the high half of a product.
CLONES static void compare_row(const uint8_t *restrict c, const uint8_t *restrict p,
                               const uint8_t *restrict low, const uint8_t *restrict high,
                               const uint16_t *restrict deviation, int n, uint16_t base, uint16_t factor,
                               uint8_t *restrict mask) {
  NARROW
  for (int x = 0; x < n; x++) {
    uint8_t lo = low[x] < low[x + 1] ? low[x] : low[x + 1];
    lo = lo < low[x + 2] ? lo : low[x + 2];
    uint8_t hi = high[x] > high[x + 1] ? high[x] : high[x + 1];
    hi = hi > high[x + 2] ? hi : high[x + 2];
    uint8_t under = c[x] < lo ? lo - c[x] : 0;
    uint8_t over = c[x] > hi ? c[x] - hi : 0;
    uint8_t outside = under | over;
    uint8_t off = c[x] > p[x] ? c[x] - p[x] : p[x] - c[x];
    // Beyond 500 a threshold makes no difference: in bytes, all comparisons are cheapest.
    uint16_t threshold = (uint16_t)(base + (uint16_t)((uint32_t)deviation[x] * factor >> 16));
    threshold = threshold < 500 ? threshold : 500;
    uint16_t doubtful = (uint16_t)(threshold * 5) >> 3;
    uint8_t far = (uint8_t)(threshold < 255 ? threshold : 255);
    uint8_t near = (uint8_t)(doubtful < 255 ? doubtful : 255);
    uint8_t level = (uint8_t)((off > near) + (off > far));
    mask[x] = outside > far ? 3 : level;
  }
}

void saccade_compare(const uint8_t *current, const uint8_t *predicted, const uint16_t *deviation, int width,
                     int height, int base, int factor, uint8_t *scratch, uint8_t *mask) {
  uint8_t *low = scratch, *high = scratch + width + 2;
  for (int y = 0; y < height; y++) {
    long at = (long)y * width;
    long above = y > 0 ? at - width : at, below = y + 1 < height ? at + width : at;
    column_range(predicted + above, predicted + at, predicted + below, width, low + 1, high + 1);
    low[0] = low[1];
    high[0] = high[1];
    low[width + 1] = low[width];
    high[width + 1] = high[width];
    // What whole vectors leave over is done with some pixels before it once more.
    int whole = width & ~31, last = width == whole ? 0 : width < 32 ? width : 32;
    int starts[] = {0, width - last}, counts[] = {whole, last};
    for (int part = 0; part < 2; part++) {
      int x = starts[part];
      compare_row(current + at + x, predicted + at + x, low + x, high + x, deviation + at + x, counts[part],
                  (uint16_t)base, (uint16_t)(factor << 6), mask + at + x);
    }
  }
}

#define SIGNED(v) __builtin_convertvector(v, signed16)
#define PICK(mask, a, b) (((mask) & (a)) | (~(mask) & (b)))
// out += value × share / 2^15 to the nearest, halves up: the product's upper half twice, and what its lower half rounds to.
#define ADD_PART(out, value, share)                                                             \
  do {                                                                                          \
    wide16 product = __builtin_convertvector(value, wide16) * __builtin_convertvector(share, wide16); \
    signed16 high = SIGNED(product >> 16);                                                      \
    words16 low = (words16)((value) * (share));                                                 \
    out += high + high + (signed16)(low >> 15) + (signed16)(low >> 14 & 1);                     \
  } while (0)

typedef struct {
  int16_t quiet, changed, deviation_quiet, deviation_changed, limit;
} shares;

// Whole sixteens; means and deviations are below 2^15. Shares are of 2^15.
CLONES static void learn_sixteens(const uint8_t *current, const uint8_t *predicted, const uint8_t *mask,
                                  const uint8_t *held, const shares *shares, int count, uint16_t *mean,
                                  uint16_t *deviation, uint8_t *shown) {
  signed16 none = {0}, quiet = none + shares->quiet, changed = none + shares->changed;
  signed16 deviation_quiet = none + shares->deviation_quiet, deviation_changed = none + shares->deviation_changed;
  for (int x = 0; x < count; x += 16) {
    bytes16 c = load16(current + x), p = load16(predicted + x);
    bytes16 holds = (bytes16)(load16(held + x) != 0), agrees = (bytes16)(load16(mask + x) == 0) | holds;
    signed16 is_held = SIGNED((signs16)holds), is_quiet = SIGNED((signs16)agrees);
    signed16 level, spread;
    memcpy(&level, mean + x, sizeof level);
    memcpy(&spread, deviation + x, sizeof spread);

    signed16 step = (SIGNED(PICK(holds, p, c)) << 7) - level;
    // What differs clearly is taken over slowly, however much it differs: what passes leaves no trace.
    signed16 most = PICK(is_quiet, none + 32767, none + shares->limit), least = -most;
    step = PICK(step > most, most, step);
    step = PICK(step < least, least, step);
    ADD_PART(level, step, PICK(is_quiet, quiet, changed));
    level &= ~(level < 0);
    level = PICK(level > 32640, none + 32640, level);

    signed16 off = SIGNED(PICK((bytes16)(c > p), c - p, p - c)) << 7;
    // A thing that passes is no noise: what is far out counts as just out.
    signed16 out = 768 + 5 * PICK(spread < 6399, spread, none + 6399);
    off = PICK(off < out, off, out) - spread;
    ADD_PART(spread, off, PICK(is_quiet, deviation_quiet, deviation_changed) & ~is_held);
    spread &= ~(spread < 0);

    memcpy(mean + x, &level, sizeof level);
    memcpy(deviation + x, &spread, sizeof spread);
    bytes16 rounded = __builtin_convertvector((words16)(level + 64) >> 7, bytes16);
    memcpy(shown + x, &rounded, sizeof rounded);
  }
}

void saccade_learn_row(const uint8_t *current, const uint8_t *predicted, const uint8_t *mask, const uint8_t *held,
                       saccade_rates rates, int count, uint16_t *mean, uint16_t *deviation, uint8_t *shown) {
  // Of 2^14 first: the lowest bits of a rate of 2^16 never counted.
  shares shares = {(int16_t)(rates.quiet >> 2 << 1), (int16_t)(rates.changed >> 2 << 1),
                   (int16_t)(rates.deviation_quiet >> 2 << 1), (int16_t)(rates.deviation_changed >> 2 << 1),
                   (int16_t)(rates.changed_limit < 32767 ? rates.changed_limit : 32767)};
  int whole = count / 16 * 16;
  unsigned rest = (unsigned)(count - whole);
  learn_sixteens(current, predicted, mask, held, &shares, whole, mean, deviation, shown);
  if (rest == 0) return;
  uint8_t bytes[5][16] = {{0}};
  uint16_t words[2][16] = {{0}};
  memcpy(bytes[0], current + whole, rest);
  memcpy(bytes[1], predicted + whole, rest);
  memcpy(bytes[2], mask + whole, rest);
  memcpy(bytes[3], held + whole, rest);
  memcpy(words[0], mean + whole, rest * sizeof **words);
  memcpy(words[1], deviation + whole, rest * sizeof **words);
  learn_sixteens(bytes[0], bytes[1], bytes[2], bytes[3], &shares, 16, words[0], words[1], bytes[4]);
  memcpy(mean + whole, words[0], rest * sizeof **words);
  memcpy(deviation + whole, words[1], rest * sizeof **words);
  memcpy(shown + whole, bytes[4], rest);
}

CLONES uint32_t saccade_colourfulness(const uint8_t *in, int count) {
  uint32_t sum = 0;
  for (int i = 0; i < count; i++) sum += (uint32_t)distance(in[i], 128);
  return sum;
}

CLONES static void add_level(const uint8_t *restrict mask, int n, uint8_t level, uint8_t *restrict sum) {
  NARROW
  for (int x = 0; x < n; x++) sum[x] = (uint8_t)(sum[x] + (mask[x] == level));
}

void saccade_patch_count(const uint8_t *mask, int level, int width, int height, uint8_t *counts) {
  int columns = (width + patch_side - 1) / patch_side;
  for (int left = 0; left < width; left += most_columns) {
    int n = width - left < most_columns ? width - left : most_columns;
    for (int y0 = 0; y0 < height; y0 += patch_side) {
      uint8_t sum[most_columns] = {0};
      int y1 = y0 + patch_side < height ? y0 + patch_side : height;
      for (int y = y0; y < y1; y++) add_level(mask + (long)y * width + left, n, (uint8_t)level, sum);
      for (int x0 = 0; x0 < n; x0 += patch_side) {
        counts[y0 / patch_side * columns + (left + x0) / patch_side] = (uint8_t)sum_8_bytes(sum + x0);
      }
    }
  }
}

CLONES static void count_columns(const uint8_t *restrict above, const uint8_t *restrict here,
                                 const uint8_t *restrict below, int n, uint8_t *restrict out) {
  NARROW
  for (int x = 0; x < n; x++) out[x] = (uint8_t)((above[x] != 0) + (here[x] != 0) + (below[x] != 0));
}

CLONES static void keep_row(const uint8_t *restrict here, const uint8_t *restrict counts, int n, uint8_t seeds,
                            uint8_t doubts, uint8_t *restrict out) {
  NARROW
  for (int x = 0; x < n; x++) {
    uint8_t count = (uint8_t)(counts[x] + counts[x + 1] + counts[x + 2]), level = here[x];
    uint8_t weak = (uint8_t)((level == 2) & (count < seeds));
    out[x] = (uint8_t)(level - weak) & (uint8_t)-(count >= doubts);
  }
}

void saccade_clean(const uint8_t *map, int seeds, int doubts, int width, int height, uint8_t *scratch,
                   uint8_t *out) {
  scratch[0] = 0;
  scratch[width + 1] = 0;
  for (int y = 0; y < height; y++) {
    const uint8_t *here = map + (long)y * width;
    const uint8_t *above = y > 0 ? here - width : here;
    const uint8_t *below = y + 1 < height ? here + width : here;
    count_columns(above, here, below, width, scratch + 1);
    keep_row(here, scratch, width, (uint8_t)seeds, (uint8_t)doubts, out + (long)y * width);
  }
}
