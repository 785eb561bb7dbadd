// What the pixel loops share: several samples in one word or vector.
#pragma once

#include <stdint.h>
#include <string.h>

// Patches are square.
enum { patch_side = 8 };

static inline uint64_t load_64(const void *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// The sums of what lies side by side in memory, several at once in one word; no sum may overflow its part of it.
static inline uint32_t sum_8_bytes(const uint8_t *at) {
  return (uint32_t)(load_64(at) * 0x0101010101010101 >> 56);
}
static inline uint32_t sum_8_words(const uint16_t *at) {
  return (uint32_t)((load_64(at) + load_64(at + 4)) * 0x0001000100010001 >> 48);
}

static inline int distance(uint8_t a, uint8_t b) { return a > b ? a - b : b - a; }

// Rows are some hundred pixels long. Left alone, compilers take several of the widest vectors at once, and leave what
// doesn't fill them, up to 255 pixels a row, to a loop that takes one at a time.
#if defined(__clang__)
#define NARROW _Pragma("clang loop vectorize_width(32) interleave_count(1)")
#else
#define NARROW
#endif

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words16 __attribute__((vector_size(32)));
typedef int16_t signed16 __attribute__((vector_size(32)));
typedef int8_t signs16 __attribute__((vector_size(16)));
typedef uint32_t longs16 __attribute__((vector_size(64)));
typedef int32_t wide16 __attribute__((vector_size(64)));

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int8_t signs8 __attribute__((vector_size(8)));
typedef int32_t whole8 __attribute__((vector_size(32)));
typedef float floats8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))
#define PICK(mask, a, b) (((mask) & (a)) | (~(mask) & (b)))
#define FLOATS(v) __builtin_convertvector(v, floats8)
// Not a function: what gives wide vectors by value depends on the instruction set.
#define LOAD(v, at) memcpy(&(v), at, sizeof(v))

INLINE bytes8 load8(const uint8_t *at) {
  bytes8 v;
  LOAD(v, at);
  return v;
}
INLINE bytes16 load16(const uint8_t *at) {
  bytes16 v;
  LOAD(v, at);
  return v;
}
