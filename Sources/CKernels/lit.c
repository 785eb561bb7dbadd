#include "clones.h"
#include "lanes.h"
#include "vision.h"

CLONES void saccade_clear_eights(const uint8_t *restrict above, const uint8_t *restrict here, const uint8_t *restrict below,
                                 int width, uint8_t *restrict out) {
  const uint64_t clear = 0x0202020202020202;
  for (int i = 0; i < width / 8; i++) {
    uint64_t eight = load_64(here + 8 * i), around = eight | load_64(above + 8 * i) | load_64(below + 8 * i);
    out[i] = (eight != 0) & ((around & clear) != 0);
  }
  if (width % 8 == 0) return;
  uint8_t some = 0, around = 0;
  for (int x = width / 8 * 8; x < width; x++) {
    some |= here[x];
    around |= here[x] | above[x] | below[x];
  }
  out[width / 8] = some != 0 && (around & 2) != 0;
}

// Without fused multiplication, so that every machine tells the same.
#pragma STDC FP_CONTRACT OFF

static int is_only_lit(const saccade_lit_row *row, long x) {
  const uint8_t *l = row->luma + x, *p = row->predicted + x;
  float predicted = (float)*p - 16, current = (float)*l - 16;
  if (!(predicted > 8 && current > 2)) return 0;
  float ratio = current / predicted;
  if (!(ratio > row->darkest && ratio < row->lightest)) return 0;
  long c = x >> 1;
  float colour = ratio < 1.5f ? ratio : 1.5f;
  float cb = (float)row->cb[c] - 128 - ((float)row->predicted_cb[c] - 128) * colour;
  float cr = (float)row->cr[c] - 128 - ((float)row->predicted_cr[c] - 128) * colour;
  if (!(cb * cb + cr * cr < 40)) return 0;
  float tolerance = row->tolerance * (ratio * 0.7f > 1 ? ratio * 0.7f : 1);
  const long steps[] = {1, -1, row->width, -row->width};
  const int there[] = {x + 1 < row->width, x > 0, row->has_below, row->has_above};
  int asked = 0, kept = 0;
  for (int k = 0; k < 4; k++) {
    if (!there[k]) continue;
    float step = (float)l[steps[k]] - (float)*l, expected = ((float)p[steps[k]] - (float)*p) * ratio;
    asked++;
    kept += step - expected <= tolerance && step - expected >= -tolerance;
  }
  return kept >= asked - (asked > 3);
}

static int tell_one(const saccade_lit_row *row, long x, uint8_t needed, uint8_t *objects, uint8_t *changed) {
  uint8_t level = row->mask[x];
  if (level + 1 < needed) return 0;
  int counts = level >= needed, lit = is_only_lit(row, x);
  changed[x] = (uint8_t)counts;
  objects[x] = counts ? lit ? 4 : 2 : !lit;
  return counts;
}

// Four samples of chroma, each for two pixels.
#define CHROMA(at) \
  FLOATS(__builtin_shufflevector((bytes8){(at)[0], (at)[1], (at)[2], (at)[3]}, (bytes8){0}, 0, 0, 1, 1, 2, 2, 3, 3))
#define ADD_KEPT(kept, d)                                                              \
  do {                                                                                 \
    floats8 off = (FLOATS(load8(l + (d))) - here) - (FLOATS(load8(p + (d))) - base) * ratio; \
    kept -= (off <= tolerance) & (off >= -tolerance);                                  \
  } while (0)

// The same for eight pixels that all have neighbours.
CLONES static int tell_eight(const saccade_lit_row *row, long x, uint8_t needed, uint8_t *objects, uint8_t *changed) {
  const uint8_t *l = row->luma + x, *p = row->predicted + x;
  bytes8 level = load8(row->mask + x);
  bytes8 counts = (bytes8)(level >= needed), lacks = (bytes8)(level + 1 == needed);
  floats8 here = FLOATS(load8(l)), base = FLOATS(load8(p)), current = here - 16, predicted = base - 16;
  floats8 ratio = current / predicted, none = {0};
  whole8 lit = (predicted > 8) & (current > 2) & (ratio > row->darkest) & (ratio < row->lightest);
  long c = x >> 1;
  floats8 colour = (floats8)(((ratio < 1.5f) & (whole8)ratio) | (~(ratio < 1.5f) & (whole8)(none + 1.5f)));
  floats8 cb = CHROMA(row->cb + c) - 128 - (CHROMA(row->predicted_cb + c) - 128) * colour;
  floats8 cr = CHROMA(row->cr + c) - 128 - (CHROMA(row->predicted_cr + c) - 128) * colour;
  lit &= cb * cb + cr * cr < 40;
  floats8 brighter = ratio * 0.7f;
  floats8 tolerance =
      row->tolerance * (floats8)(((brighter > 1) & (whole8)brighter) | (~(brighter > 1) & (whole8)(none + 1)));
  whole8 kept = {0};
  ADD_KEPT(kept, 1);
  ADD_KEPT(kept, -1);
  ADD_KEPT(kept, row->width);
  ADD_KEPT(kept, -row->width);
  lit &= kept >= 3;
  bytes8 is_lit = (bytes8)__builtin_convertvector(lit, signs8);
  bytes8 told = (counts & ((is_lit & 4) | (~is_lit & 2))) | (lacks & ~is_lit & 1);
  counts &= 1;
  memcpy(objects + x, &told, sizeof told);
  memcpy(changed + x, &counts, sizeof counts);
  return (int)sum_8_bytes((const uint8_t *)&counts);
}

int saccade_tell_lit(const saccade_lit_row *row, uint8_t *objects, uint8_t *changed) {
  int total = 0;
  long eights = (row->width + 7) / 8;
  for (long i = 0; i < eights; i++) {
    if (!row->clear[i]) continue;
    long x = 8 * i, end = x + 8 < row->width ? x + 8 : row->width;
    if (x > 0 && x + 8 < row->width && row->has_above && row->has_below) {
      total += tell_eight(row, x, row->needed[i], objects, changed);
    } else {
      for (; x < end; x++) total += tell_one(row, x, row->needed[i], objects, changed);
    }
  }
  return total;
}
