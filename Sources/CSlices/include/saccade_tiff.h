// TIFF through libtiff, one page at a time. A file belongs to one thread at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct saccade_tiff saccade_tiff;

/// A page's tags; where a tag is absent, TIFF's default, or 0.
typedef struct {
  uint32_t width, height;
  uint16_t bits;           ///< of a sample
  uint16_t sample_format;  ///< 1 unsigned, 2 signed, 3 floating point, 4 untyped, 5 and 6 complex
  uint16_t samples;        ///< of a pixel
  uint16_t photometric;    ///< 0 the least value is white, 1 it is black, others are colour
  uint16_t compression;    ///< 1 is none
  uint16_t resolution_unit;
  float x_resolution, y_resolution;  ///< pixels in a unit
  int is_big_endian;                 ///< of the file; what `read` gives is in this machine's order
  int is_contiguous;                 ///< its strips lie one behind the other, from `offset` on
  uint64_t offset;
  char description[4096];  ///< the beginning of ImageDescription
} saccade_tiff_page;

/// What libSaccadeSlices.so exports as `saccade_tiff_api`. Where a call fails, `problem` gets the reason in at most
/// `size` bytes with the zero at the end; libtiff itself prints nothing.
typedef struct {
  /// NULL on failure; `close` gives it back.
  saccade_tiff *(*open)(const char *path, char *problem, size_t size);
  void (*close)(saccade_tiff *tiff);
  /// How many pages can be reached. `problem` is empty where these are all.
  uint32_t (*count)(saccade_tiff *tiff, char *problem, size_t size);
  /// Goes to a page, from 0, and fills `page`. Quick for the page after the last one asked for. Returns 0, or -1.
  int (*select)(saccade_tiff *tiff, uint32_t index, saccade_tiff_page *page, char *problem, size_t size);
  /// Fills `out` with the selected page, row by row; samples whose least value is white are inverted. Only for pages
  /// of one sample of 8, 16 or 32 bits a pixel; `bytes` is width × height × bits / 8. Returns 0, or -1.
  int (*read)(saccade_tiff *tiff, void *out, size_t bytes, char *problem, size_t size);
} saccade_tiff_calls;
