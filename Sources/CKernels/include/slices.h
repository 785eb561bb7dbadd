// From the samples of a file to floating point, and looks for values that can't be used.
#pragma once

#include <stdint.h>

typedef enum {
  SACCADE_SAMPLE_UINT8,
  SACCADE_SAMPLE_INT8,
  SACCADE_SAMPLE_UINT16,
  SACCADE_SAMPLE_INT16,
  SACCADE_SAMPLE_UINT32,
  SACCADE_SAMPLE_INT32,
  SACCADE_SAMPLE_FLOAT32,
} saccade_sample;

/// out[i] = samples[i], rounded to nearest where a 32-bit integer has more than 24 bits. `samples` is aligned to its
/// type; `swapped` says that its bytes are in the order that isn't this machine's.
void saccade_samples_to_float(const void *samples, saccade_sample kind, int swapped, long count, float *out);

/// The first i for which |values[i]| <= limit is false, as for what is no number; `count` where there is none.
long saccade_first_beyond(const float *values, long count, float limit);
