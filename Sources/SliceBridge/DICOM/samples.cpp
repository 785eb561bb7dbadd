// Samples as files hold them, to values.
#include <cstring>

#include "dicom.hpp"

namespace saccade {

namespace {

uint8_t swapped(uint8_t value) { return value; }
uint16_t swapped(uint16_t value) { return __builtin_bswap16(value); }
uint32_t swapped(uint32_t value) { return __builtin_bswap32(value); }
uint64_t swapped(uint64_t value) { return __builtin_bswap64(value); }

/// Bits above the stored ones are anybody's (overlays, rubbish): they are pushed out to the left, and the sample
/// comes back with its sign.
template <class Raw, class Sample, bool is_swapped>
void scale(const uint8_t *raw, size_t count, Bits bits, double slope, double intercept, float *values) {
  const unsigned left = bits.allocated - 1 - bits.high, right = bits.allocated - bits.stored;
  for (size_t i = 0; i < count; i++) {
    Raw value;
    memcpy(&value, raw + i * sizeof value, sizeof value);
    if (is_swapped) value = swapped(value);
    const Sample sample = Sample(Sample(Raw(value << left)) >> right);
    values[i] = float(double(sample) * slope + intercept);
  }
}

template <class Raw, class Signed>
void scale(const uint8_t *raw, size_t count, Bits bits, double slope, double intercept, float *values) {
  if (bits.is_signed && bits.is_swapped)
    scale<Raw, Signed, true>(raw, count, bits, slope, intercept, values);
  else if (bits.is_signed)
    scale<Raw, Signed, false>(raw, count, bits, slope, intercept, values);
  else if (bits.is_swapped)
    scale<Raw, Raw, true>(raw, count, bits, slope, intercept, values);
  else
    scale<Raw, Raw, false>(raw, count, bits, slope, intercept, values);
}

template <class Raw, class Number>
void scale_numbers(const uint8_t *raw, size_t count, bool is_swapped, double slope, double intercept, float *values) {
  for (size_t i = 0; i < count; i++) {
    Raw bits;
    memcpy(&bits, raw + i * sizeof bits, sizeof bits);
    if (is_swapped) bits = swapped(bits);
    Number number;
    memcpy(&number, &bits, sizeof number);
    values[i] = float(double(number) * slope + intercept);
  }
}

}  // namespace

void scale_integers(const uint8_t *raw, size_t count, Bits bits, double slope, double intercept, float *values) {
  switch (bits.allocated) {
    case 8: return scale<uint8_t, int8_t>(raw, count, bits, slope, intercept, values);
    case 16: return scale<uint16_t, int16_t>(raw, count, bits, slope, intercept, values);
    default: return scale<uint32_t, int32_t>(raw, count, bits, slope, intercept, values);
  }
}

void scale_bits(const uint8_t *raw, uint64_t first, size_t count, double slope, double intercept, float *values) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t bit = first + i;
    values[i] = float(double(raw[bit / 8] >> bit % 8 & 1) * slope + intercept);
  }
}

void scale_floats(const uint8_t *raw, size_t count, size_t size, bool is_swapped, double slope, double intercept,
                  float *values) {
  if (size == 4)
    scale_numbers<uint32_t, float>(raw, count, is_swapped, slope, intercept, values);
  else
    scale_numbers<uint64_t, double>(raw, count, is_swapped, slope, intercept, values);
}

}  // namespace saccade
