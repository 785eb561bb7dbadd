// Row and plane loops of the peripheral encoder. All planes are tightly packed, `width` bytes a row.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Sums over one patch of 8 × 8 pixels (fewer at the right and bottom edges).
typedef struct {
  uint32_t count;        ///< pixels in the patch
  uint32_t current;      ///< sum of the current picture
  uint32_t background;   ///< sum of the background
  uint32_t current_sq;   ///< sum of squares
  uint32_t background_sq;
  uint32_t product;      ///< sum of current × background
  uint32_t change;       ///< sum of |current − last|
  /// Sum of |right − here| + |below − here| in the current picture. The last column adds nothing.
  uint32_t gradient;
  uint32_t background_gradient;
} saccade_patch;

/// Fills `patches`, ceil(width / 8) × ceil(height / 8) of them, row by row.
void saccade_patch_sums(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                        int height, saccade_patch *patches);
/// The same, as it is done where the processor has no instructions of its own for it.
void saccade_patch_sums_anywhere(const uint8_t *current, const uint8_t *background, const uint8_t *last, int width,
                                 int height, saccade_patch *patches);

/// How patches are lit, beside the background. For each of them: `base`, by how many levels the background is above `black`,
/// at least 3; `gain`, how many times as much the picture is, 0.05…12; `explained`, whether that gain makes the background
/// the picture, but for noise, and isn't below `darkest`; `textured`, whether the background is more than plain. `noise` is the
/// standard deviation of a pixel. Returns how many patches are explained and plainly in another light.
int saccade_patch_light(const saccade_patch *patches, const float *noise, int count, double black, double darkest,
                        float *gain, double *base, bool *explained, bool *textured);

/// Sums over pairs of what was before and what is now: of brightness, and of texture.
typedef struct {
  double before[2], now[2], before_sq[2], now_sq[2], product[2];
  float texture;  ///< what there was of it in all
  /// Weights of how many times as much texture there is now, from 0 to 2 in equal bins, and their sum; of more than 2 in the last.
  float ratios[32];
  float weight;
} saccade_likeness;

/// How the patches compare with what they usually are, in `luma` and `gradient`, levels a pixel. Of the gradient now, `floor`
/// is noise, and three tenths of it of that before. A patch weighs as much as its texture, at most `most`.
saccade_likeness saccade_patch_likeness(const saccade_patch *patches, const float *luma, const float *gradient, int count,
                                        float floor, float most);

/// Sum of |a − b| for each patch: what the gate looks at.
void saccade_patch_change(const uint8_t *a, const uint8_t *b, int width, int height, uint32_t *change);

/// out = (in − pivot) × gain / 256 + pivot, kept within 0…255; `gain` has one value a pixel.
void saccade_scale_row(const uint8_t *in, const uint16_t *gain, int pivot, int count, uint8_t *out);

/// out = (upper × (16 − share) + lower × share) / 16.
void saccade_mix_row(const uint16_t *upper, const uint16_t *lower, int share, int count, uint16_t *out);

/// out[x] = in[2 x], at most `most`: for the half of `count` samples, rounded up.
void saccade_halve_gains(const uint16_t *in, int count, int most, uint16_t *out);

/// Compares a picture with what the background predicts.
///
/// `mask` gets 3 where the pixel lies outside of the range of the 3 × 3 predicted pixels around it by more than its
/// threshold, 2 where it differs from the predicted pixel itself by more than that, 1 by more than five eighths of it, else 0.
/// The threshold of a pixel is `base`, below 256, and its allowance: at most 255 in all.
void saccade_compare(const uint8_t *current, const uint8_t *predicted, const uint8_t *allowance, int width,
                     int height, int base, uint8_t *mask);

/// out[i] = whether the eight pixels from 8 i on, fewer at the end of the row, hold one that isn't 0, and they or those above or
/// below one of 2 or more. `above` and `below` may be `here`.
void saccade_clear_eights(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, uint8_t *out);

/// One row of a picture, beside what was predicted for it.
typedef struct {
  const uint8_t *luma, *predicted;
  const uint8_t *cb, *cr, *predicted_cb, *predicted_cr;
  const uint8_t *mask;    ///< as `saccade_compare` fills it
  const uint8_t *needed;  ///< from which level of it on a pixel counts, for each eight
  const uint8_t *clear;   ///< which eights may hold any; the last is what a row has beyond whole ones
  long width;             ///< pixels, and to the rows above and below
  int has_above, has_below;
  float darkest, lightest;  ///< ratios of light between which a pixel may be only lit
  float tolerance;          ///< by how many levels a step to a neighbour may be off
} saccade_lit_row;

/// Tells what differs from what is only lit differently, in the eights that may hold any: a pixel is only lit where its
/// colour stays and the steps to its neighbours, but for one of four, are those predicted times the same ratio. `objects`
/// gets 4 for pixels that count and are only lit, 2 for others that count, 1 for those that lack one level and aren't only
/// lit; `changed` 1 for those that count. Both hold zeros before. Returns how many count.
int saccade_tell_lit(const saccade_lit_row *row, uint8_t *objects, uint8_t *changed);

/// Sum of |in − 128|, of less than 2^24 samples.
uint32_t saccade_colourfulness(const uint8_t *in, int count);

/// Counts the pixels of each patch whose mask is `level`.
void saccade_patch_count(const uint8_t *mask, int level, int width, int height, uint8_t *counts);

/// Counts the flags of each patch that are 1; all others are 0. Patches that aren't `busy` have none.
void saccade_patch_flags(const uint8_t *flags, const uint8_t *busy, int width, int height, uint8_t *counts);

/// How one row of the background learns. Rates are shares of 65536.
typedef struct {
  uint16_t quiet;             ///< pixels that agree with the background
  uint16_t changed;           ///< pixels that differ and aren't held
  uint16_t deviation_quiet;
  uint16_t deviation_changed;
  uint16_t changed_limit;     ///< of a difference that isn't held, what counts at most: 1/128 levels
} saccade_rates;

/// One row of the background, from its first pixel on.
typedef struct {
  uint16_t *mean;       ///< in 1/128 levels
  uint16_t *deviation;  ///< mean absolute deviation, in 1/128 levels
  uint8_t *shown;       ///< the mean, rounded to levels
  uint8_t *allowance;   ///< deviation × factor / 1024: what noise may put a pixel off, in levels, at most 255
} saccade_background_row;

/// Moves mean and deviation, both at most 255 levels, of one row towards the picture, and what follows from them. Where
/// `held` is not 0, the mean follows `predicted`, which may be what is shown, and the deviation stays. `factor` is below 8192.
/// `next` is how far on in all planes the row begins that is learnt next, so that it is fetched from memory meanwhile; 0 for
/// none.
void saccade_learn_row(const uint8_t *current, const uint8_t *predicted, const uint8_t *mask, const uint8_t *held,
                       saccade_rates rates, int factor, int count, long next, saccade_background_row row);

/// Cleans a map of seeds (2), doubtful pixels (1) and others (4): a seed with fewer than `seeds` marked pixels in the
/// 3 × 3 around it (itself included) becomes doubtful, where beyond the upper and lower edge the edge's own row counts again
/// and beyond the sides nothing does; a pixel with fewer than `doubts` goes. Patches of 8 × 8 that aren't `busy` hold zeros.
/// `scratch` holds width + 2 bytes.
void saccade_clean(const uint8_t *map, const uint8_t *busy, int seeds, int doubts, int width, int height,
                   uint8_t *scratch, uint8_t *out);
