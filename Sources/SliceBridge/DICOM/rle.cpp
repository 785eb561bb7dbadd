// RLE frames (DICOM PS3.5, annex G). DCMTK 3.6.7 reads beyond damaged ones, so they are decoded here.
#include "dicom.hpp"

namespace saccade {

namespace {

uint32_t little(const uint8_t *bytes) {
  return uint32_t(bytes[0]) | uint32_t(bytes[1]) << 8 | uint32_t(bytes[2]) << 16 | uint32_t(bytes[3]) << 24;
}

/// Unpacks one segment to every `step`th byte of `out`; false where it ends before `count` bytes.
bool unpack(const uint8_t *from, const uint8_t *end, uint8_t *out, size_t count, size_t step) {
  size_t done = 0;
  while (done < count) {
    if (from == end) return false;
    const int code = int8_t(*from++);
    if (code == -128) continue;
    const size_t length = size_t(code >= 0 ? code + 1 : 1 - code);
    // A run that goes on beyond the picture is cut: some encoders pad.
    const size_t used = length < count - done ? length : count - done;
    if (code >= 0) {
      if (size_t(end - from) < used) return false;
      for (size_t i = 0; i < used; i++) out[(done + i) * step] = from[i];
      from += size_t(end - from) < length ? size_t(end - from) : length;
    } else {
      if (from == end) return false;
      for (size_t i = 0; i < used; i++) out[(done + i) * step] = *from;
      from++;
    }
    done += used;
  }
  return true;
}

}  // namespace

void decode_rle(const saccade_dicom_layout &layout, const std::vector<uint8_t> &bytes, std::vector<uint8_t> &samples) {
  const size_t header = 64, width = layout.bits_allocated / 8, count = size_t(layout.rows) * layout.columns;
  if (bytes.size() < header) throw refusal("has a truncated RLE frame: %zu bytes", bytes.size());
  const uint32_t segments = little(bytes.data());
  if (segments != width) throw refusal("has an RLE frame of %u segments where its header says %zu", segments, width);
  samples.assign(count * width, 0);
  for (size_t segment = 0; segment < width; segment++) {
    const size_t begin = little(bytes.data() + 4 * (segment + 1));
    const size_t end = segment + 1 < width ? little(bytes.data() + 4 * (segment + 2)) : bytes.size();
    if (begin < header || end < begin || end > bytes.size())
      throw refusal("has a damaged RLE frame: its segment %zu goes from %zu to %zu of %zu bytes", segment + 1, begin, end,
                    bytes.size());
    // The first segment has the highest bytes.
    if (!unpack(bytes.data() + begin, bytes.data() + end, samples.data() + (width - 1 - segment), count, width))
      throw refusal("has a truncated RLE frame: its segment %zu ends too early", segment + 1);
  }
}

}  // namespace saccade
