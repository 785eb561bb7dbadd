// What the files of the DICOM bridge share. Nothing of it leaves the library.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "saccade_dicom.h"

#pragma GCC visibility push(hidden)

namespace saccade {

/// Why a file can't be read: a sentence without a full stop.
struct Refusal {
  char text[SACCADE_DICOM_ERROR_SIZE];
};

/// A refusal in the manner of printf.
__attribute__((format(printf, 1, 2))) Refusal refusal(const char *format, ...);

saccade_dicom_header *read_header(const char *path);
void free_header(saccade_dicom_header *header);

/// A file that bytes are read from at offsets.
class File {
 public:
  explicit File(const char *path);
  ~File();
  File(const File &) = delete;
  File &operator=(const File &) = delete;

  int64_t size() const { return size_; }
  /// Reads all `count` bytes, or refuses.
  void read(int64_t offset, void *bytes, size_t count) const;

 private:
  int descriptor_;
  int64_t size_;
};

/// A file's beginning without the elements that nobody asks for.
struct Sieved {
  std::vector<uint8_t> bytes;
  /// Where in the file the value of PixelData begins.
  int64_t ends_at = 0;
};

/// Sieves a file's first bytes. False where they don't reach to its PixelData, and for whatever is out of the
/// ordinary: then the whole header has to be read.
bool sieve(const std::vector<uint8_t> &bytes, Sieved &sieved);

/// Where the coded frames of a file lie.
class Fragments {
 public:
  Fragments(const File &file, const saccade_dicom_layout &layout);
  /// The bytes of a frame, in one piece.
  void read(const File &file, uint32_t frame, std::vector<uint8_t> &bytes) const;

 private:
  struct Piece {
    int64_t offset;
    uint32_t length;
  };
  std::vector<Piece> pieces_;
  /// For each frame the first of its pieces, and one past the last.
  std::vector<uint32_t> begins_;

  void assign(const File &file, const saccade_dicom_layout &layout, const std::vector<uint32_t> &offsets);
};

/// Bits of a sample as they are stored.
struct Bits {
  unsigned allocated, stored, high;
  bool is_signed, is_swapped;
};

/// Writes sample × slope + intercept for `count` samples that begin at `raw`.
void scale_integers(const uint8_t *raw, size_t count, Bits bits, double slope, double intercept, float *values);
/// The same for samples of one bit, of which the first is bit `first`, counted from the lowest of each byte.
void scale_bits(const uint8_t *raw, uint64_t first, size_t count, double slope, double intercept, float *values);
/// The same for IEEE 754 numbers of `size` bytes, 4 or 8.
void scale_floats(const uint8_t *raw, size_t count, size_t size, bool is_swapped, double slope, double intercept,
                  float *values);

/// Decodes one frame of JPEG or JPEG-LS through DCMTK's codecs into `samples`, in this machine's byte order; returns
/// the precision that the stream itself states.
unsigned decode(const saccade_dicom_layout &layout, const char *transfer_syntax, const std::vector<uint8_t> &bytes,
                std::vector<uint8_t> &samples);

/// The same for RLE.
void decode_rle(const saccade_dicom_layout &layout, const std::vector<uint8_t> &bytes, std::vector<uint8_t> &samples);

/// Loads the data set of a deflated file and returns its pixels.
void inflate(const char *path, std::vector<uint8_t> &samples);

/// Silences DCMTK and registers its codecs, once.
void prepare();

}  // namespace saccade

#pragma GCC visibility pop
