// DICOM files as libSaccadeSlices.so reads them: headers and the samples of one frame at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a file's samples are coded.
typedef enum {
  SACCADE_DICOM_NATIVE,
  SACCADE_DICOM_DEFLATED,    ///< the whole data set is one zlib stream: the file's pixels are held while it is open
  SACCADE_DICOM_CODEC,       ///< frames of RLE, JPEG, JPEG-LS
  SACCADE_DICOM_CODESTREAM,  ///< frames that the caller decodes: JPEG 2000
  SACCADE_DICOM_UNREADABLE,  ///< anything else
} saccade_dicom_coding;

typedef enum {
  SACCADE_DICOM_NO_PIXELS,
  SACCADE_DICOM_INTEGERS,
  SACCADE_DICOM_FLOATS,
  SACCADE_DICOM_DOUBLES,
} saccade_dicom_samples;

/// What has to be known to read a file's samples.
typedef struct {
  uint32_t columns, rows, frames;
  uint16_t samples_per_pixel;
  uint16_t bits_allocated, bits_stored, high_bit;
  uint8_t is_signed;
  uint8_t is_big_endian;
  uint8_t is_words;  ///< native samples lie in 16-bit words, which matters for bytes in a big-endian file
  uint8_t samples;   ///< saccade_dicom_samples
  uint8_t coding;    ///< saccade_dicom_coding
  /// Bytes from the file's start to the value of the element that holds the pixels. Not for deflated files.
  int64_t pixels_at;
  /// Its length as the file says it; −1 for undefined, which is that of coded frames.
  int64_t pixels_length;
} saccade_dicom_layout;

enum {
  SACCADE_DICOM_HAS_POSITION = 1,
  SACCADE_DICOM_HAS_ORIENTATION = 2,
  SACCADE_DICOM_HAS_SPACING = 4,
  SACCADE_DICOM_HAS_RESCALE = 8,
};

/// One frame's place, and how its samples become values.
typedef struct {
  double position[3];     ///< ImagePositionPatient, mm
  double orientation[6];  ///< ImageOrientationPatient: direction of a row, of a column
  double spacing[2];      ///< PixelSpacing, mm: from row to row (y), from column to column (x)
  double slope, intercept;
  char rescale_type[17];
  uint8_t has;  ///< SACCADE_DICOM_HAS_…
} saccade_dicom_frame;

/// A file's header. Texts end with a zero and are empty where the file has none.
typedef struct {
  saccade_dicom_layout layout;
  char transfer_syntax[65];
  char class_uid[65];
  char series_uid[65];
  char modality[17];
  char photometric[17];
  int32_t series_number, instance_number;
  uint8_t has_series_number, has_instance_number;
  uint8_t is_localizer;
  uint8_t is_lossy;         ///< LossyImageCompression says so
  uint8_t has_lookup;       ///< values go through a ModalityLUTSequence
  int64_t file_size;        ///< bytes
  const saccade_dicom_frame *frames;  ///< layout.frames of them; NULL without pixels
} saccade_dicom_header;

/// An open file's pixels. Used by one thread at a time.
typedef struct saccade_dicom_pixels saccade_dicom_pixels;

/// The functions, under the name `saccade_dicom_api`. Those that can fail write a sentence to `error`, which has
/// room for SACCADE_DICOM_ERROR_SIZE bytes.
#define SACCADE_DICOM_ERROR_SIZE 256
#define SACCADE_DICOM_SYMBOL "saccade_dicom_api"
typedef struct {
  /// Reads everything before the pixels. Returns NULL and an error where that isn't DICOM. Any thread.
  saccade_dicom_header *(*read_header)(const char *path, char *error);
  void (*free_header)(saccade_dicom_header *header);

  /// Opens the pixels of a file whose layout and transfer syntax are known. Returns NULL and an error.
  saccade_dicom_pixels *(*open)(const char *path, const saccade_dicom_layout *layout, const char *transfer_syntax,
                                char *error);
  void (*close)(saccade_dicom_pixels *pixels);
  /// Writes rows × columns values of a frame (from 0), sample × slope + intercept each. Returns 0, or −1 and an
  /// error. Not for SACCADE_DICOM_CODESTREAM.
  int (*read_frame)(saccade_dicom_pixels *pixels, uint32_t frame, double slope, double intercept, float *values,
                    char *error);
  /// The bytes of a coded frame, valid until the next call. Returns NULL and an error.
  const uint8_t *(*read_codestream)(saccade_dicom_pixels *pixels, uint32_t frame, size_t *size, char *error);
} saccade_dicom_api_table;
