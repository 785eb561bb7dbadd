#include "vision.h"

#include "clones.h"
#include "lanes.h"

enum { most_columns = 1024 };

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

CLONES void saccade_halve_gains(const uint16_t *restrict in, int count, int most, uint16_t *restrict out) {
  NARROW
  for (int x = 0; x < (count + 1) / 2; x++) out[x] = in[2 * x] < most ? in[2 * x] : (uint16_t)most;
}

#define SIGNED(v) __builtin_convertvector(v, signed16)
#define LONGS(v) __builtin_convertvector(v, longs16)
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
  // Times 64, so that the allowance is the high half of a product. Volatile, since what stays the same is made wider ahead of
  // the loop, and then such a product isn't recognized.
  volatile words16 factor;
} shares;

// At least sixteen; means and deviations are below 2^15. Shares are of 2^15.
CLONES static void learn_sixteens(const uint8_t *current, const uint8_t *predicted, const uint8_t *mask,
                                  const uint8_t *held, const shares *shares, int count,
                                  const saccade_background_row *row) {
  const signed16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, none = {0};
  signed16 quiet = none + shares->quiet, changed = none + shares->changed;
  signed16 deviation_quiet = none + shares->deviation_quiet, deviation_changed = none + shares->deviation_changed;
  for (int next = 0; next < count; next += 16) {
    // What whole vectors leave over is learnt with some before it, which stay as they are.
    int x = next + 16 <= count ? next : count - 16;
    bytes16 c = load16(current + x), p = load16(predicted + x);
    bytes16 holds = (bytes16)(load16(held + x) != 0), agrees = (bytes16)(load16(mask + x) == 0) | holds;
    signed16 is_held = SIGNED((signs16)holds), is_quiet = SIGNED((signs16)agrees);
    signed16 level, spread;
    memcpy(&level, row->mean + x, sizeof level);
    memcpy(&spread, row->deviation + x, sizeof spread);
    signed16 old_level = level, old_spread = spread;

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

    if (x < next) {
      signed16 is_new = lanes >= (int16_t)(next - x);
      level = PICK(is_new, level, old_level);
      spread = PICK(is_new, spread, old_spread);
    }
    memcpy(row->mean + x, &level, sizeof level);
    memcpy(row->deviation + x, &spread, sizeof spread);
    bytes16 rounded = __builtin_convertvector((words16)(level + 64) >> 7, bytes16);
    memcpy(row->shown + x, &rounded, sizeof rounded);
    longs16 product = LONGS((words16)spread) * LONGS(shares->factor);
    words16 allowed = __builtin_elementwise_min(__builtin_convertvector(product >> 16, words16), (words16)(none + 255));
    bytes16 allowance = __builtin_convertvector(allowed, bytes16);
    memcpy(row->allowance + x, &allowance, sizeof allowance);
  }
}

void saccade_learn_row(const uint8_t *current, const uint8_t *predicted, const uint8_t *mask, const uint8_t *held,
                       saccade_rates rates, int factor, int count, long next, saccade_background_row row) {
  // These were last touched when this row was learnt; all else in this look.
  for (int x = 0; next && x < count; x += 64) __builtin_prefetch(held + next + x);
  for (int x = 0; next && x < count; x += 32) {
    __builtin_prefetch(row.mean + next + x, 1);
    __builtin_prefetch(row.deviation + next + x, 1);
  }
  // Of 2^14 first: the lowest bits of a rate of 2^16 never counted.
  words16 zero = {0};
  shares shares = {(int16_t)(rates.quiet >> 2 << 1), (int16_t)(rates.changed >> 2 << 1),
                   (int16_t)(rates.deviation_quiet >> 2 << 1), (int16_t)(rates.deviation_changed >> 2 << 1),
                   (int16_t)(rates.changed_limit < 32767 ? rates.changed_limit : 32767),
                   zero + (uint16_t)(factor << 6)};
  if (count >= 16) {
    learn_sixteens(current, predicted, mask, held, &shares, count, &row);
    return;
  }
  uint8_t bytes[6][16] = {{0}};
  uint16_t words[2][16] = {{0}};
  size_t n = (size_t)count;
  memcpy(bytes[0], current, n);
  memcpy(bytes[1], predicted, n);
  memcpy(bytes[2], mask, n);
  memcpy(bytes[3], held, n);
  memcpy(words[0], row.mean, n * sizeof **words);
  memcpy(words[1], row.deviation, n * sizeof **words);
  saccade_background_row copy = {words[0], words[1], bytes[4], bytes[5]};
  learn_sixteens(bytes[0], bytes[1], bytes[2], bytes[3], &shares, 16, &copy);
  memcpy(row.mean, words[0], n * sizeof **words);
  memcpy(row.deviation, words[1], n * sizeof **words);
  memcpy(row.shown, bytes[4], n);
  memcpy(row.allowance, bytes[5], n);
}

CLONES uint32_t saccade_colourfulness(const uint8_t *in, int count) {
  uint32_t sum = 0;
  for (int i = 0; i < count; i++) sum += (uint32_t)distance(in[i], 128);
  return sum;
}

// Two patches side by side.
CLONES static void count_pair(const uint8_t *mask, long width, int rows, uint8_t level, uint8_t *counts) {
  bytes16 sums = {0};
  for (int row = 0; row < rows; row++) sums -= (bytes16)(load16(mask + row * width) == level);
  counts[0] = (uint8_t)sum_8_bytes((uint8_t *)&sums);
  counts[1] = (uint8_t)sum_8_bytes((uint8_t *)&sums + patch_side);
}

void saccade_patch_count(const uint8_t *mask, int level, int width, int height, uint8_t *counts) {
  int columns = (width + patch_side - 1) / patch_side, pairs = width / (2 * patch_side);
  for (int y = 0; y < height; y += patch_side) {
    int rows = height - y < patch_side ? height - y : patch_side;
    const uint8_t *line = mask + (long)y * width;
    for (int pair = 0; pair < pairs; pair++)
      count_pair(line + 2 * pair * patch_side, width, rows, (uint8_t)level, counts + 2 * pair);
    memset(counts + 2 * pairs, 0, (size_t)(columns - 2 * pairs));
    for (int row = 0; row < rows; row++)
      for (int x = 2 * pairs * patch_side; x < width; x++)
        counts[x / patch_side] = (uint8_t)(counts[x / patch_side] + (line[(long)row * width + x] == level));
    counts += columns;
  }
}

void saccade_patch_flags(const uint8_t *flags, const uint8_t *busy, int width, int height, uint8_t *counts) {
  for (int y = 0; y < height; y += patch_side) {
    int rows = height - y < patch_side ? height - y : patch_side;
    for (int x = 0; x < width; x += patch_side) {
      uint8_t *count = counts++;
      *count = 0;
      if (!*busy++) continue;
      const uint8_t *patch = flags + (long)y * width + x;
      if (x + patch_side <= width) {
        uint64_t sums = 0;
        for (int row = 0; row < rows; row++) sums += load_64(patch + (long)row * width);
        *count = (uint8_t)sum_8_bytes((uint8_t *)&sums);
      } else {
        for (int row = 0; row < rows; row++)
          for (int i = 0; i < width - x; i++) *count += patch[(long)row * width + i];
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

// From the first to the last busy patch of a row of them, in whole vectors as far as there are; nothing where none is busy.
static void busy_range(const uint8_t *busy, int width, int *from, int *to) {
  int columns = (width + patch_side - 1) / patch_side, first = 0, last = columns;
  while (first < columns && !busy[first]) first++;
  while (last > first && !busy[last - 1]) last--;
  *from = first * patch_side & ~31;
  *to = (last * patch_side + 31) & ~31;
  if (*to > width) *to = width;
  if (first == last) *from = *to = 0;
}

void saccade_clean(const uint8_t *map, const uint8_t *busy, int seeds, int doubts, int width, int height,
                   uint8_t *scratch, uint8_t *out) {
  int columns = (width + patch_side - 1) / patch_side, from = 0, to = 0;
  scratch[0] = 0;
  scratch[width + 1] = 0;
  for (int y = 0; y < height; y++) {
    if (y % patch_side == 0) busy_range(busy + y / patch_side * columns, width, &from, &to);
    uint8_t *line = out + (long)y * width;
    memset(line, 0, (size_t)from);
    memset(line + to, 0, (size_t)(width - to));
    if (from == to) continue;
    const uint8_t *here = map + (long)y * width;
    const uint8_t *above = y > 0 ? here - width : here;
    const uint8_t *below = y + 1 < height ? here + width : here;
    // And the columns on both sides.
    int left = from > 0 ? from - 1 : 0, right = to < width ? to + 1 : width;
    count_columns(above + left, here + left, below + left, right - left, scratch + 1 + left);
    keep_row(here + from, scratch + from, to - from, (uint8_t)seeds, (uint8_t)doubts, line + from);
  }
}
