// Averaging of a decoder's planes down to the peripheral size.
#pragma once

#include <stdint.h>

/// One plane of samples as a decoder leaves it.
typedef struct {
  const uint8_t *data;  ///< first pixel of the top row
  long stride;          ///< bytes from row to row, may be negative
  int width, height;    ///< samples
  int step;             ///< bytes from sample to sample in a row
  int offset;           ///< bytes from a pixel's start to its sample, where others lie between
  int kind;             ///< 0: one byte a sample; 1: two, little endian; 2: two, big endian
} saccade_plane;

/// out[y × columns + x] = mean of the box at (x × box_width, y × box_height), divided by 2^shift, rounded to
/// nearest (halves up), at most 255. Boxes are cut where the plane ends; each must keep a sample.
void saccade_box_average(const saccade_plane *plane, int box_width, int box_height, int shift, int columns,
                         int rows, uint8_t *out);
