// The table of functions that the library gives away, and what all of them need.
#include "dicom.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>

using namespace saccade;

namespace saccade {

Refusal refusal(const char *format, ...) {
  Refusal refusal;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(refusal.text, sizeof refusal.text, format, arguments);
  va_end(arguments);
  return refusal;
}

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

File::File(const char *path) : descriptor_(open(path, O_RDONLY | O_CLOEXEC)), size_(0) {
  if (descriptor_ < 0) throw refusal("can't be opened: %s", strerror(errno));
  struct stat status;
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor_);
    throw refusal("is not a file");
  }
  size_ = status.st_size;
}

File::~File() { close(descriptor_); }

void File::read(int64_t offset, void *bytes, size_t count) const {
  auto *to = static_cast<uint8_t *>(bytes);
  while (count > 0) {
    ssize_t got = pread(descriptor_, to, count, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw refusal("can't be read: %s", strerror(errno));
    if (got == 0) throw refusal("is truncated: it ends at byte %lld", (long long)size_);
    to += got;
    offset += got;
    count -= size_t(got);
  }
}

}  // namespace saccade

static const char *const rle = "1.2.840.10008.1.2.5";

struct __attribute__((visibility("hidden"))) saccade_dicom_pixels {
  saccade_dicom_layout layout;
  std::string transfer_syntax;
  File file;
  std::unique_ptr<Fragments> fragments;
  /// A coded frame, or a native one.
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> decoded;

  saccade_dicom_pixels(const char *path, const saccade_dicom_layout &layout, const char *transfer_syntax)
      : layout(layout), transfer_syntax(transfer_syntax), file(path) {
    const unsigned width = layout.bits_allocated, stored = layout.bits_stored, high = layout.high_bit;
    const bool is_integer = layout.samples == SACCADE_DICOM_INTEGERS;
    const bool is_coded = layout.coding == SACCADE_DICOM_CODEC || layout.coding == SACCADE_DICOM_CODESTREAM;
    if (!(width == 8 || width == 16 || width == 32 || (width == 64 && !is_integer) || (width == 1 && !is_coded)) ||
        stored < 1 || high >= width || stored > high + 1 || layout.samples_per_pixel != 1 ||
        layout.samples == SACCADE_DICOM_NO_PIXELS || layout.coding == SACCADE_DICOM_UNREADABLE || count() == 0)
      throw refusal("has samples of a kind that isn't read");
    // At most 2^16 × 2^16 × 2^32 × 64 bits: more than 64 bits can count, but not more than a double can.
    if (double(count()) * layout.frames * width > 9e18) throw refusal("has impossibly many pixels");
    const int64_t needed = int64_t((uint64_t(count()) * layout.frames * width + 7) / 8);
    if (layout.coding == SACCADE_DICOM_NATIVE && layout.pixels_length < 0)
      throw refusal("has pixels of undefined length that are not coded");
    if (layout.coding == SACCADE_DICOM_DEFLATED) {
      inflate(path, decoded);
      if (int64_t(decoded.size()) < needed)
        throw refusal("is truncated: it has %zu bytes of pixels and needs %lld", decoded.size(), (long long)needed);
    } else if (layout.coding == SACCADE_DICOM_NATIVE) {
      if (layout.pixels_length < needed)
        throw refusal("has %lld bytes of pixels and needs %lld", (long long)layout.pixels_length, (long long)needed);
      if (file.size() - layout.pixels_at < needed)
        throw refusal("is truncated: it ends at byte %lld and should have %lld", (long long)file.size(),
                      (long long)(layout.pixels_at + needed));
    } else {
      fragments.reset(new Fragments(file, layout));
    }
  }

  size_t count() const { return size_t(layout.rows) * layout.columns; }

  Bits bits() const {
    return {layout.bits_allocated, layout.bits_stored, layout.high_bit, layout.is_signed != 0, false};
  }

  /// Values of samples that lie one after the other in a file, or as they would.
  void read_native(uint32_t frame, double slope, double intercept, float *values) {
    uint64_t first = uint64_t(frame) * count();
    size_t width = layout.bits_allocated;
    uint64_t begin = first * width / 8, end = ((first + count()) * width + 7) / 8;
    const uint8_t *raw;
    Bits how = bits();
    if (layout.coding == SACCADE_DICOM_NATIVE && layout.pixels_length < 0)
      throw refusal("has pixels of undefined length that are not coded");
    if (layout.coding == SACCADE_DICOM_DEFLATED) {
      raw = decoded.data() + begin;
    } else {
      // Bytes that lie in big-endian words are found in pairs.
      bool in_words = layout.is_words && layout.is_big_endian && width <= 8;
      if (in_words) begin &= ~uint64_t(1), end = (end + 1) & ~uint64_t(1);
      bytes.resize(end - begin);
      file.read(layout.pixels_at + int64_t(begin), bytes.data(), bytes.size());
      if (in_words)
        for (size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
      raw = bytes.data() + (first * width / 8 - begin);
      how.is_swapped = layout.is_big_endian && width > 8;
    }
    if (layout.samples != SACCADE_DICOM_INTEGERS)
      scale_floats(raw, count(), width / 8, how.is_swapped, slope, intercept, values);
    else if (width == 1)
      scale_bits(raw, first % 8, count(), slope, intercept, values);
    else
      scale_integers(raw, count(), how, slope, intercept, values);
  }

  void read_coded(uint32_t frame, double slope, double intercept, float *values) {
    fragments->read(file, frame, bytes);
    Bits how = bits();
    if (transfer_syntax == rle) {
      decode_rle(layout, bytes, decoded);
    } else {
      // A codec gives samples in the lowest bits, and knows best how many.
      how.stored = std::min(how.stored, decode(layout, transfer_syntax.c_str(), bytes, decoded));
      how.high = how.stored - 1;
    }
    scale_integers(decoded.data(), count(), how, slope, intercept, values);
  }

  void read(uint32_t frame, double slope, double intercept, float *values) {
    if (frame >= layout.frames) throw refusal("has no frame %u", frame + 1);
    if (layout.coding == SACCADE_DICOM_CODEC)
      read_coded(frame, slope, intercept, values);
    else
      read_native(frame, slope, intercept, values);
  }
};

namespace {

/// Runs `body`; what it throws becomes a text and `failed`.
template <class Result, class Body>
Result guarded(char *error, Result failed, Body body) {
  try {
    return body();
  } catch (const Refusal &refusal) {
    snprintf(error, SACCADE_DICOM_ERROR_SIZE, "%s", refusal.text);
  } catch (const std::bad_alloc &) {
    snprintf(error, SACCADE_DICOM_ERROR_SIZE, "needs more memory than there is");
  } catch (...) {
    snprintf(error, SACCADE_DICOM_ERROR_SIZE, "makes DCMTK fail");
  }
  return failed;
}

saccade_dicom_header *api_read_header(const char *path, char *error) {
  return guarded<saccade_dicom_header *>(error, nullptr, [&] { return read_header(path); });
}

saccade_dicom_pixels *api_open(const char *path, const saccade_dicom_layout *layout, const char *transfer_syntax,
                               char *error) {
  return guarded<saccade_dicom_pixels *>(error, nullptr, [&] {
    prepare();
    return new saccade_dicom_pixels(path, *layout, transfer_syntax);
  });
}

void api_close(saccade_dicom_pixels *pixels) { delete pixels; }

int api_read_frame(saccade_dicom_pixels *pixels, uint32_t frame, double slope, double intercept, float *values,
                   char *error) {
  return guarded(error, -1, [&] {
    pixels->read(frame, slope, intercept, values);
    return 0;
  });
}

const uint8_t *api_read_codestream(saccade_dicom_pixels *pixels, uint32_t frame, size_t *size, char *error) {
  return guarded<const uint8_t *>(error, nullptr, [&] {
    if (!pixels->fragments) throw refusal("has no coded frames");
    pixels->fragments->read(pixels->file, frame, pixels->bytes);
    *size = pixels->bytes.size();
    return pixels->bytes.data();
  });
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const saccade_dicom_api_table saccade_dicom_api = {
    api_read_header, free_header, api_open, api_close, api_read_frame, api_read_codestream,
};
