#include "saccade_tiff.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

struct saccade_tiff {
  TIFF *file;
};

// What libtiff said on this thread: the first error, else the last warning.
static _Thread_local char kept_error[512];
static _Thread_local char kept_warning[512];

static void keep_error(const char *module, const char *format, va_list arguments) {
  (void)module;
  if (!kept_error[0]) vsnprintf(kept_error, sizeof kept_error, format, arguments);
}

static void keep_warning(const char *module, const char *format, va_list arguments) {
  (void)module;
  vsnprintf(kept_warning, sizeof kept_warning, format, arguments);
  // Where the table of lengths looks wrong, libtiff makes one up and reads what lies behind.
  if (!kept_error[0] && strstr(kept_warning, "StripByteCounts")) strcpy(kept_error, kept_warning);
}

static void install(void) {
  TIFFSetErrorHandler(keep_error);
  TIFFSetWarningHandler(keep_warning);
}

static void forget(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  kept_error[0] = kept_warning[0] = 0;
}

static void tell(char *problem, size_t size, const char *otherwise) {
  const char *text = kept_error[0] ? kept_error : kept_warning[0] ? kept_warning : otherwise;
  size_t length = strlen(text);
  while (length && (text[length - 1] == '.' || text[length - 1] == ' ' || text[length - 1] == '\n')) length--;
  snprintf(problem, size, "%.*s", (int)length, text);
}

static TIFF *open_file(const char *path) {
  // Not mapped ("m"): a file that becomes shorter meanwhile is an error then, not a signal.
#if TIFFLIB_VERSION >= 20221213
  struct stat facts;
  if (stat(path, &facts) != 0) return NULL;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  // Tables and compressed strips are no larger than the file; codecs keep some megabytes.
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)facts.st_size * 2 + (64 << 20));
  TIFF *file = TIFFOpenExt(path, "rm", options);
  TIFFOpenOptionsFree(options);
  return file;
#else
  return TIFFOpen(path, "rm");
#endif
}

static saccade_tiff *open_tiff(const char *path, char *problem, size_t size) {
  forget();
  saccade_tiff *tiff = malloc(sizeof *tiff);
  if (tiff && (tiff->file = open_file(path))) return tiff;
  free(tiff);
  tell(problem, size, "libtiff can't open it");
  return NULL;
}

static void close_tiff(saccade_tiff *tiff) {
  forget();
  TIFFClose(tiff->file);
  free(tiff);
}

static uint32_t count(saccade_tiff *tiff, char *problem, size_t size) {
  forget();
  uint32_t pages = TIFFNumberOfDirectories(tiff->file);
  kept_warning[0] = 0;
  tell(problem, size, "");
  return pages;
}

static int is_contiguous(TIFF *file) {
  if (TIFFIsTiled(file)) return 0;
  uint32_t strips = TIFFNumberOfStrips(file);
  for (uint32_t strip = 1; strip < strips; strip++)
    if (TIFFGetStrileOffset(file, strip - 1) + TIFFGetStrileByteCount(file, strip - 1) !=
        TIFFGetStrileOffset(file, strip))
      return 0;
  return strips > 0;
}

static int select_page(saccade_tiff *tiff, uint32_t index, saccade_tiff_page *page, char *problem, size_t size) {
  forget();
  TIFF *file = tiff->file;
  tdir_t current = TIFFCurrentDirectory(file);
  // Also the page that is open already is read again, for what libtiff says about it.
  int found = index == current + 1 ? TIFFReadDirectory(file) : TIFFSetDirectory(file, (tdir_t)index);
  if (!found || kept_error[0]) {
    tell(problem, size, "there is no such page");
    return -1;
  }
  memset(page, 0, sizeof *page);
  TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &page->width);
  TIFFGetField(file, TIFFTAG_IMAGELENGTH, &page->height);
  TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &page->bits);
  TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &page->sample_format);
  TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &page->samples);
  TIFFGetFieldDefaulted(file, TIFFTAG_COMPRESSION, &page->compression);
  TIFFGetFieldDefaulted(file, TIFFTAG_RESOLUTIONUNIT, &page->resolution_unit);
  TIFFGetField(file, TIFFTAG_XRESOLUTION, &page->x_resolution);
  TIFFGetField(file, TIFFTAG_YRESOLUTION, &page->y_resolution);
  // Absent from many files of one sample: black is 0 there.
  if (!TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &page->photometric)) page->photometric = PHOTOMETRIC_MINISBLACK;
  const char *description = NULL;
  if (TIFFGetField(file, TIFFTAG_IMAGEDESCRIPTION, &description) && description)
    snprintf(page->description, sizeof page->description, "%s", description);
  page->is_big_endian = TIFFIsBigEndian(file);
  page->is_contiguous = is_contiguous(file);
  if (!TIFFIsTiled(file)) page->offset = TIFFGetStrileOffset(file, 0);
  return 0;
}

static int read_strips(TIFF *file, uint8_t *out, size_t row_bytes, uint32_t height) {
  uint32_t rows = 0;
  TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &rows);
  if (rows == 0 || rows > height) rows = height;
  uint32_t strip = 0;
  for (uint32_t y = 0; y < height; y += rows, strip++) {
    uint32_t here = height - y < rows ? height - y : rows;
    tmsize_t bytes = (tmsize_t)(here * row_bytes);
    if (TIFFReadEncodedStrip(file, strip, out + y * row_bytes, bytes) != bytes) return -1;
  }
  return 0;
}

static int read_tiles(TIFF *file, uint8_t *out, size_t row_bytes, size_t sample_bytes, uint32_t height) {
  uint32_t tile_width = 0, tile_height = 0;
  TIFFGetField(file, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(file, TIFFTAG_TILELENGTH, &tile_height);
  tmsize_t bytes = TIFFTileSize(file);
  size_t tile_row = tile_width * sample_bytes;
  // A page's tiles may be larger than the page, but not by much.
  size_t most = row_bytes * height * 4 + (16 << 20);
  if (bytes <= 0 || (size_t)bytes > most || (size_t)bytes != tile_row * tile_height) {
    snprintf(kept_error, sizeof kept_error, "its tiles are %u x %u", tile_width, tile_height);
    return -1;
  }
  uint8_t *tile = malloc((size_t)bytes);
  if (!tile) return -1;
  int result = 0;
  uint32_t number = 0;
  for (uint32_t y = 0; y < height && !result; y += tile_height) {
    uint32_t rows = height - y < tile_height ? height - y : tile_height;
    for (size_t x = 0; x < row_bytes && !result; x += tile_row, number++) {
      size_t part = row_bytes - x < tile_row ? row_bytes - x : tile_row;
      if (TIFFReadEncodedTile(file, number, tile, bytes) != bytes) result = -1;
      for (uint32_t row = 0; row < rows && !result; row++)
        memcpy(out + (y + row) * row_bytes + x, tile + row * tile_row, part);
    }
  }
  free(tile);
  return result;
}

static int read_page(saccade_tiff *tiff, void *out, size_t bytes, char *problem, size_t size) {
  forget();
  TIFF *file = tiff->file;
  uint32_t width = 0, height = 0;
  uint16_t bits = 0, samples = 0, photometric = PHOTOMETRIC_MINISBLACK;
  TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(file, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &photometric);
  size_t sample_bytes = bits / 8;
  size_t row_bytes = width * sample_bytes;
  int result = -1;
  if (samples == 1 && bits % 8 == 0 && row_bytes && bytes == row_bytes * height)
    result = TIFFIsTiled(file) ? read_tiles(file, out, row_bytes, sample_bytes, height)
                               : read_strips(file, out, row_bytes, height);
  // Some codecs log that data is missing and go on.
  if (result != 0 || kept_error[0]) {
    tell(problem, size, "its data ends too early");
    return -1;
  }
  if (photometric == PHOTOMETRIC_MINISWHITE) {
    uint8_t *at = out;
    for (size_t i = 0; i < bytes; i++) at[i] = (uint8_t)~at[i];
  }
  return 0;
}

extern const saccade_tiff_calls saccade_tiff_api;
const saccade_tiff_calls saccade_tiff_api = {open_tiff, close_tiff, count, select_page, read_page};
