// Red, green and blue out of luma and chroma.
#pragma once

#include <stdint.h>

/// What a matrix and a range make of Y, Cb, Cr, in parts of 2^13. Each factor is below 4.
typedef struct {
  int16_t black;         ///< Y of black, as coded
  int16_t luma;          ///< what Y adds to each colour
  int16_t red_of_cr;     ///< what Cr adds to red
  int16_t green_of_cb;   ///< what Cb takes from green
  int16_t green_of_cr;   ///< what Cr takes from green
  int16_t blue_of_cb;    ///< what Cb adds to blue
} saccade_matrix;

/// `count` pixels. A colour is at most one off what exact arithmetic rounds to; beyond 0…255 it is cut.
void saccade_colours(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, int count, saccade_matrix matrix,
                     uint8_t *red, uint8_t *green, uint8_t *blue);
