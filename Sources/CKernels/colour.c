#include "colour.h"

#include "clones.h"

// Samples are taken as 128 of their steps, factors as 8192: the upper half of a product has sixteenths.
static inline int16_t sixteenths(int16_t sample, int16_t factor) { return (int16_t)((int32_t)sample * factor >> 16); }

static inline uint8_t whole(int16_t value) {
  value = (int16_t)((value + 8) >> 4);
  value = value > 0 ? value : 0;
  return (uint8_t)(value < 255 ? value : 255);
}

CLONES void saccade_colours(const uint8_t *restrict y, const uint8_t *restrict cb, const uint8_t *restrict cr,
                            int count, saccade_matrix matrix, uint8_t *restrict red, uint8_t *restrict green,
                            uint8_t *restrict blue) {
  for (int i = 0; i < count; i++) {
    int16_t grey = sixteenths((int16_t)((y[i] - matrix.black) * 128), matrix.luma);
    int16_t u = (int16_t)((cb[i] - 128) * 128), v = (int16_t)((cr[i] - 128) * 128);
    red[i] = whole((int16_t)(grey + sixteenths(v, matrix.red_of_cr)));
    green[i] = whole((int16_t)(grey - sixteenths(u, matrix.green_of_cb) - sixteenths(v, matrix.green_of_cr)));
    blue[i] = whole((int16_t)(grey + sixteenths(u, matrix.blue_of_cb)));
  }
}
