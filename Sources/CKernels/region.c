#include "region.h"

#include "clones.h"
#include "lanes.h"

// Without fused multiplication, so that every machine tells the same.
#pragma STDC FP_CONTRACT OFF

enum { lanes = 8, around = lanes + 2 };

typedef int16_t shorts8 __attribute__((vector_size(16)));
typedef uint16_t words8 __attribute__((vector_size(16)));

#define SHORTS(v) __builtin_convertvector(v, shorts8)
// All bits of each lane where a comparison of bytes holds.
#define LANES(v) SHORTS((signs8)(v))
// Each sample of chroma is that of two pixels.
#define TWICE(v) __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3)

// MARK: - Eight pixels and those around them

typedef struct {
  // One more on both sides, at the picture's edge zeros. Of objects the row above too.
  const uint8_t *luma[2], *predicted[2], *objects[3];
  const uint8_t *last, *cb, *cr, *predicted_cb, *predicted_cr;
  const uint16_t *deviation, *deviation_cb, *deviation_cr, *labels;
  bool is_inside;  // nothing was beyond the picture's edge
} eight;

// What is copied where not all that is looked at lies within the picture.
typedef struct {
  uint8_t luma[2][around], predicted[2][around], objects[3][around], last[around];
  uint8_t chroma[4][around];
  uint16_t deviations[3][around], labels[around];
} room;

typedef struct {
  long width, height;
} size;

#define COPY_AROUND(plane, size, x, y, out)                                                                  \
  for (long i = 0; i < around; i++) {                                                                        \
    long at = (x) + i - 1;                                                                                   \
    (out)[i] = at >= 0 && at < (size).width && (y) >= 0 && (y) < (size).height ? (plane)[(y) * (size).width + at] : 0; \
  }

static eight copied(const saccade_frame *f, const uint16_t *labels, long x, long y, room *room) {
  size full = {f->width, f->height}, half = {(f->width + 1) / 2, (f->height + 1) / 2};
  for (int k = 0; k < 2; k++) {
    COPY_AROUND(f->luma, full, x, y + k, room->luma[k])
    COPY_AROUND(f->predicted, full, x, y + k, room->predicted[k])
  }
  for (int k = 0; k < 3; k++) COPY_AROUND(f->objects, full, x, y + k - 1, room->objects[k])
  COPY_AROUND(f->last, full, x, y, room->last)
  COPY_AROUND(f->deviation, full, x, y, room->deviations[0])
  long cx = x / 2, cy = y / 2;
  COPY_AROUND(f->cb, half, cx, cy, room->chroma[0])
  COPY_AROUND(f->cr, half, cx, cy, room->chroma[1])
  COPY_AROUND(f->predicted_cb, half, cx, cy, room->chroma[2])
  COPY_AROUND(f->predicted_cr, half, cx, cy, room->chroma[3])
  COPY_AROUND(f->deviation_cb, half, cx, cy, room->deviations[1])
  COPY_AROUND(f->deviation_cr, half, cx, cy, room->deviations[2])
  if (labels) COPY_AROUND(labels, half, cx, cy, room->labels)
  return (eight){
      .luma = {room->luma[0] + 1, room->luma[1] + 1},
      .predicted = {room->predicted[0] + 1, room->predicted[1] + 1},
      .objects = {room->objects[0] + 1, room->objects[1] + 1, room->objects[2] + 1},
      .last = room->last + 1,
      .cb = room->chroma[0] + 1,
      .cr = room->chroma[1] + 1,
      .predicted_cb = room->chroma[2] + 1,
      .predicted_cr = room->chroma[3] + 1,
      .deviation = room->deviations[0] + 1,
      .deviation_cb = room->deviations[1] + 1,
      .deviation_cr = room->deviations[2] + 1,
      .labels = room->labels + 1,
  };
}

// Most of a box around something slender is empty.
INLINE bool is_empty(const saccade_frame *f, long x, long y) {
  const uint8_t *objects = f->objects + y * f->width;
  if (x + lanes <= f->width) return load_64(objects + x) == 0;
  while (x < f->width && !objects[x]) x++;
  return x == f->width;
}

// `x` is even. Without labels none are looked at.
INLINE eight eight_at(const saccade_frame *f, const uint16_t *labels, long x, long y, room *room) {
  if (x == 0 || y == 0 || x + lanes >= f->width || y + 1 >= f->height) return copied(f, labels, x, y, room);
  long at = y * f->width + x, c = y / 2 * ((f->width + 1) / 2) + x / 2;
  return (eight){
      .luma = {f->luma + at, f->luma + at + f->width},
      .predicted = {f->predicted + at, f->predicted + at + f->width},
      .objects = {f->objects + at - f->width, f->objects + at, f->objects + at + f->width},
      .last = f->last + at,
      .cb = f->cb + c,
      .cr = f->cr + c,
      .predicted_cb = f->predicted_cb + c,
      .predicted_cr = f->predicted_cr + c,
      .deviation = f->deviation + at,
      .deviation_cb = f->deviation_cb + c,
      .deviation_cr = f->deviation_cr + c,
      .labels = labels ? labels + c : NULL,
      .is_inside = true,
  };
}

// Four samples of chroma, one for each pixel.
INLINE bytes8 chroma8(const uint8_t *at) {
  uint8_t four __attribute__((vector_size(4)));
  LOAD(four, at);
  return TWICE(four);
}
INLINE words8 chroma_words8(const uint16_t *at) {
  uint16_t four __attribute__((vector_size(8)));
  LOAD(four, at);
  return TWICE(four);
}
INLINE bytes8 apart(bytes8 a, bytes8 b) { return __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b); }
INLINE int32_t number(bytes8 flags) {
  bytes8 ones = flags & 1;
  return (int32_t)sum_8_bytes((const uint8_t *)&ones);
}

// MARK: - Texture

// The sums of each lane; of eight rows they don't overflow.
typedef struct {
  shorts8 count, now, before, product, level, level_before, colour[2], colour_before[2];
} texture_lanes;

INLINE shorts8 limited(shorts8 step) {
  const shorts8 most = (shorts8){0} + 40;
  return __builtin_elementwise_max(__builtin_elementwise_min(step, most), -most);
}

INLINE void add_step(texture_lanes *sums, shorts8 now, shorts8 before, shorts8 counts) {
  now = limited(now) & counts;
  before = limited(before) & counts;
  sums->now += now * now;
  sums->before += before * before;
  sums->product += now * before;
}

// Steps to the right and down from the pixels whose lanes are set.
INLINE void add_steps(texture_lanes *sums, const eight *e, shorts8 right, shorts8 below) {
  shorts8 here = SHORTS(load8(e->luma[0])), base = SHORTS(load8(e->predicted[0]));
  add_step(sums, SHORTS(load8(e->luma[0] + 1)) - here, SHORTS(load8(e->predicted[0] + 1)) - base, right);
  add_step(sums, SHORTS(load8(e->luma[1])) - here, SHORTS(load8(e->predicted[1])) - base, below);
  shorts8 n = -(right + below);
  sums->count += n;
  sums->level += n * here;
  sums->level_before += n * base;
  sums->colour[0] += n * (SHORTS(chroma8(e->cb)) - 128);
  sums->colour[1] += n * (SHORTS(chroma8(e->cr)) - 128);
  sums->colour_before[0] += n * (SHORTS(chroma8(e->predicted_cb)) - 128);
  sums->colour_before[1] += n * (SHORTS(chroma8(e->predicted_cr)) - 128);
}

INLINE int64_t total(const shorts8 *v) { return __builtin_reduce_add(__builtin_convertvector(*v, whole8)); }

INLINE void empty_texture(texture_lanes *lanes, saccade_texture *sum) {
  sum->count += total(&lanes->count);
  sum->now += total(&lanes->now);
  sum->before += total(&lanes->before);
  sum->product += total(&lanes->product);
  sum->level += total(&lanes->level);
  sum->level_before += total(&lanes->level_before);
  for (int k = 0; k < 2; k++) {
    sum->colour[k] += total(&lanes->colour[k]);
    sum->colour_before[k] += total(&lanes->colour_before[k]);
  }
  memset(lanes, 0, sizeof *lanes);
}

CLONES bool saccade_patch_texture(const saccade_frame *frame, int column, int row, saccade_texture *sum) {
  room room;
  texture_lanes sums;
  long x = (long)column * patch_side, y = (long)row * patch_side;
  long end = y + patch_side < frame->height ? y + patch_side : frame->height;
  bool has_any = false;
  memset(sum, 0, sizeof *sum);
  memset(&sums, 0, sizeof sums);
  for (; y < end; y++) {
    if (is_empty(frame, x, y)) continue;
    eight e = eight_at(frame, NULL, x, y, &room);
    bytes8 here = (bytes8)(load8(e.objects[1]) != 0);
    if (load_64(&here) == 0) continue;
    has_any = true;
    bytes8 right = here & (bytes8)(load8(e.objects[1] + 1) != 0), below = here & (bytes8)(load8(e.objects[2]) != 0);
    add_steps(&sums, &e, LANES(right), LANES(below));
  }
  if (has_any) empty_texture(&sums, sum);
  return has_any;
}

// MARK: - Regions

// The sums of each lane, as above.
typedef struct {
  texture_lanes texture;
  shorts8 change, cb, cr;
} region_lanes;

INLINE void empty_region(region_lanes *lanes, saccade_region_sums *sums) {
  empty_texture(&lanes->texture, &sums->texture);
  sums->change += total(&lanes->change);
  sums->cb += total(&lanes->cb);
  sums->cr += total(&lanes->cr);
  memset(lanes, 0, sizeof *lanes);
}

// From a pixel that isn't at the picture's edge to the one beside it, where that didn't change: is the step in the picture, or
// in the background?
static void add_edge(const saccade_frame *f, long at, long step, saccade_region_sums *sums) {
  if (f->changed[at + step]) return;
  long far = at + 2 * step, pixels = f->width * f->height;
  long outside = far >= 0 && far < pixels && !f->changed[far] ? far : at + step;
  sums->edge_now += distance(f->luma[at], f->luma[outside]);
  sums->edge_before += distance(f->predicted[at], f->predicted[outside]);
  sums->edges++;
}

static void add_edges(const saccade_frame *f, long x, long y, saccade_region_sums *sums) {
  if (x == 0 || y == 0 || x + 1 >= f->width || y + 1 >= f->height) return;
  const long steps[] = {-1, 1, -f->width, f->width};
  for (int k = 0; k < 4; k++) add_edge(f, y * f->width + x, steps[k], sums);
}

// Thresholds as those by which pixels are found: some levels, and some deviations.
#define CONTRAST(now, before, deviation, levels, deviations) \
  (FLOATS(apart(now, before)) / (levels + FLOATS(deviation) * (deviations / 128)))
#define GREATER(a, b) ((floats8)PICK((a) > (b), (whole8)(a), (whole8)(b)))

INLINE void add_contrast(const eight *e, bytes8 counts, saccade_region_sums *sums) {
  words8 deviation;
  LOAD(deviation, e->deviation);
  floats8 light = CONTRAST(load8(e->luma[0]), load8(e->predicted[0]), deviation, 5, 3.5f);
  floats8 cb = CONTRAST(chroma8(e->cb), chroma8(e->predicted_cb), chroma_words8(e->deviation_cb), 6, 4.5f);
  floats8 cr = CONTRAST(chroma8(e->cr), chroma8(e->predicted_cr), chroma_words8(e->deviation_cr), 6, 4.5f);
  floats8 colour = GREATER(cb, cr), most = GREATER(light, colour);
  most = (floats8)((whole8)most & __builtin_convertvector((signs8)counts, whole8));
  // In the order of the pixels, so that every machine tells the same.
  for (int k = 0; k < lanes; k++) sums->contrast += most[k];
}

// What counts of eight pixels from `x` on.
INLINE void add_counted(const saccade_frame *f, const eight *e, long x, long y, bytes8 counts, region_lanes *lane_sums,
                        saccade_region_sums *sums) {
  uint64_t flags = load_64(&counts);
  int first = __builtin_ctzll(flags) / 8, last = 7 - __builtin_clzll(flags) / 8;
  if (sums->count == 0) sums->min_y = (int32_t)y;
  sums->max_y = (int32_t)y;
  if (x + first < sums->min_x) sums->min_x = (int32_t)x + first;
  if (x + last > sums->max_x) sums->max_x = (int32_t)x + last;
  sums->count += number(counts);
  sums->sure += number(counts & (bytes8)(load8(e->objects[1]) == 2));
  add_contrast(e, counts, sums);
  shorts8 wide = LANES(counts);
  lane_sums->change += SHORTS(apart(load8(e->luma[0]), load8(e->last))) & wide;
  lane_sums->cb += (SHORTS(chroma8(e->cb)) - 128) & wide;
  lane_sums->cr += (SHORTS(chroma8(e->cr)) - 128) & wide;
  bytes8 shut = {0};
  if (e->is_inside) {
    const uint8_t *changed = f->changed + y * f->width + x;
    shut = (bytes8)(load8(changed - 1) != 0) & (bytes8)(load8(changed + 1) != 0) &
           (bytes8)(load8(changed - f->width) != 0) & (bytes8)(load8(changed + f->width) != 0);
  }
  for (int k = first; k <= last; k++) {
    if (!counts[k]) continue;
    sums->histogram[e->luma[0][k] >> 5]++;
    if (!shut[k]) add_edges(f, x + k, y, sums);
  }
}

CLONES void saccade_region_sum(const saccade_frame *frame, const uint16_t *labels, uint16_t label, int x0, int y0, int x1,
                               int y1, saccade_region_sums *sums) {
  room room;
  region_lanes lane_sums;
  int filled = 0;
  memset(&lane_sums, 0, sizeof lane_sums);
  *sums = (saccade_region_sums){.min_x = INT32_MAX, .min_y = INT32_MAX, .max_x = -1, .max_y = -1};
  for (long y = y0; y <= y1; y++) {
    for (long x = x0; x <= x1; x += lanes) {
      if (is_empty(frame, x, y)) continue;
      eight e = eight_at(frame, labels, x, y, &room);
      bytes8 objects = load8(e.objects[1]), is_lit = (bytes8)(objects == 4);
      shorts8 is_labelled = (shorts8)(chroma_words8(e.labels) == label);
      bytes8 here = (bytes8)(objects != 0) & (bytes8)__builtin_convertvector(is_labelled, signs8);
      if (load_64(&here) == 0) continue;
      bytes8 inner = here & (bytes8)(load8(e.objects[1] - 1) != 0) & (bytes8)(load8(e.objects[1] + 1) != 0) &
                     (bytes8)(load8(e.objects[0]) != 0) & (bytes8)(load8(e.objects[2]) != 0);
      bytes8 border = here & ~inner, counts = here & ~is_lit;
      sums->all += number(here);
      sums->border += number(border);
      sums->lit_border += number(border & is_lit);
      add_steps(&lane_sums.texture, &e, LANES(inner), LANES(inner));
      if (load_64(&counts) != 0) add_counted(frame, &e, x, y, counts, &lane_sums, sums);
      if (++filled < patch_side) continue;
      empty_region(&lane_sums, sums);
      filled = 0;
    }
  }
  empty_region(&lane_sums, sums);
}
