// What changed pixels look like, beside the background.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// A frame and what was predicted for it: planes of `width` × `height` samples, those of chroma half as many each way, rounded
/// up. Deviations are the background's, in 1/128 levels.
typedef struct {
  long width, height;
  const uint8_t *luma, *predicted, *last;
  const uint8_t *cb, *cr, *predicted_cb, *predicted_cr;
  const uint16_t *deviation, *deviation_cb, *deviation_cr;
  const uint8_t *objects;  ///< 2 where a pixel belongs to a thing, 1 where it may, 4 where it is only lit, else 0
  const uint8_t *changed;  ///< not 0 where it changed, light or not
} saccade_frame;

/// Sums over steps between neighbouring pixels, in the picture and in the background. Steps count at most 40 levels.
typedef struct {
  int64_t count;
  int64_t now, before;          ///< steps squared
  int64_t product;              ///< of both
  int64_t level, level_before;  ///< brightness of the pixels that are stepped from
  int64_t colour[2], colour_before[2];  ///< and their cb and cr, less 128
} saccade_texture;

/// Sums the steps to the right and down within the objects, from pixels of one patch of 8 × 8. Returns whether it has any pixel
/// of an object.
bool saccade_patch_texture(const saccade_frame *frame, int column, int row, saccade_texture *sum);

/// Sums over the pixels of one region.
typedef struct {
  int32_t all, count;          ///< pixels, and those that aren't only lit
  int32_t sure;                ///< those that surely belong to a thing
  int32_t border, lit_border;  ///< pixels with one beside them that is no object, and which of them are only lit
  saccade_texture texture;     ///< of the pixels within the border
  // Of those that aren't only lit:
  int32_t min_x, min_y, max_x, max_y;
  float contrast;        ///< how many times its threshold each is off, in brightness or colour
  int64_t change;        ///< levels that each is apart from what it was in the last frame
  int32_t histogram[8];  ///< of brightness
  int64_t cb, cr;        ///< less 128
  int64_t edges, edge_now, edge_before;  ///< steps out of what changed, how many levels they are, and were in the background
} saccade_region_sums;

/// Sums over the pixels of objects whose blocks of 2 × 2 pixels have the label. In the rows from `y0` to `y1` such blocks lie
/// only between the columns `x0`, which is even, and `x1`. Labels lie (width + 1) / 2 a row.
void saccade_region_sum(const saccade_frame *frame, const uint16_t *labels, uint16_t label, int x0, int y0, int x1, int y1,
                        saccade_region_sums *sums);
