// What the pixel loops share: several samples in one word or vector.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t load_64(const void *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/// The sum of eight bytes side by side, below 256.
static inline uint32_t sum_8_bytes(const uint8_t *at) {
  return (uint32_t)(load_64(at) * 0x0101010101010101 >> 56);
}
