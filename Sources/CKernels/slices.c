#include "slices.h"

#include "clones.h"

#include <string.h>

static inline float as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CLONES static void from_uint8(const uint8_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = in[i];
}
CLONES static void from_int8(const int8_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = in[i];
}
CLONES static void from_uint16(const uint16_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = in[i];
}
CLONES static void from_int16(const int16_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = in[i];
}
CLONES static void from_uint32(const uint32_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = (float)in[i];
}
CLONES static void from_int32(const int32_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = (float)in[i];
}
CLONES static void swapped_uint16(const uint16_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = __builtin_bswap16(in[i]);
}
CLONES static void swapped_int16(const uint16_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = (int16_t)__builtin_bswap16(in[i]);
}
CLONES static void swapped_uint32(const uint32_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = (float)__builtin_bswap32(in[i]);
}
CLONES static void swapped_int32(const uint32_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = (float)(int32_t)__builtin_bswap32(in[i]);
}
CLONES static void swapped_float32(const uint32_t *restrict in, long count, float *restrict out) {
  for (long i = 0; i < count; i++) out[i] = as_float(__builtin_bswap32(in[i]));
}

void saccade_samples_to_float(const void *samples, saccade_sample kind, int swapped, long count, float *out) {
  switch (kind) {
  case SACCADE_SAMPLE_UINT8: from_uint8(samples, count, out); break;
  case SACCADE_SAMPLE_INT8: from_int8(samples, count, out); break;
  case SACCADE_SAMPLE_UINT16: (swapped ? swapped_uint16 : from_uint16)(samples, count, out); break;
  case SACCADE_SAMPLE_INT16:
    if (swapped)
      swapped_int16(samples, count, out);
    else
      from_int16(samples, count, out);
    break;
  case SACCADE_SAMPLE_UINT32: (swapped ? swapped_uint32 : from_uint32)(samples, count, out); break;
  case SACCADE_SAMPLE_INT32:
    if (swapped)
      swapped_int32(samples, count, out);
    else
      from_int32(samples, count, out);
    break;
  case SACCADE_SAMPLE_FLOAT32:
    if (swapped)
      swapped_float32(samples, count, out);
    else
      memcpy(out, samples, (size_t)count * sizeof *out);
    break;
  }
}

CLONES static int any_beyond(const float *values, long count, float limit) {
  int any = 0;
  for (long i = 0; i < count; i++) any |= !(__builtin_fabsf(values[i]) <= limit);
  return any;
}

long saccade_first_beyond(const float *values, long count, float limit) {
  enum { block = 4096 };
  for (long start = 0; start < count; start += block) {
    long end = count - start < block ? count : start + block;
    if (!any_beyond(values + start, end - start, limit)) continue;
    for (long i = start; i < end; i++)
      if (!(__builtin_fabsf(values[i]) <= limit)) return i;
  }
  return count;
}
