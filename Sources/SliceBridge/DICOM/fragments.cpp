// Coded frames: which bytes of a file belong to which (DICOM PS3.5, annex A.4).
#include "dicom.hpp"

namespace saccade {

namespace {

const uint32_t item = 0xFFFEE000, end_of_sequence = 0xFFFEE0DD;

uint32_t little(const uint8_t *bytes) {
  return uint32_t(bytes[0]) | uint32_t(bytes[1]) << 8 | uint32_t(bytes[2]) << 16 | uint32_t(bytes[3]) << 24;
}

}  // namespace

Fragments::Fragments(const File &file, const saccade_dicom_layout &layout) {
  int64_t at = layout.pixels_at;
  std::vector<uint32_t> offsets;
  bool has_table = false;
  while (at + 8 <= file.size()) {
    uint8_t bytes[8];
    file.read(at, bytes, sizeof bytes);
    const uint32_t tag = little(bytes) << 16 | little(bytes) >> 16, length = little(bytes + 4);
    at += 8;
    if (tag == end_of_sequence) break;
    if (tag != item || length == 0xFFFFFFFF)
      throw refusal("is damaged: byte %lld should begin a fragment of its pixels", (long long)(at - 8));
    if (!has_table) {
      has_table = true;
      if (at + int64_t(length) > file.size()) throw refusal("is truncated: it ends in its offset table");
      std::vector<uint8_t> table(length);
      file.read(at, table.data(), table.size());
      for (size_t i = 0; i + 4 <= table.size(); i += 4) offsets.push_back(little(table.data() + i));
    } else {
      pieces_.push_back({at, length});
    }
    at += int64_t(length);
  }
  assign(file, layout, offsets);
  for (uint32_t frame = 0; frame < layout.frames; frame++)
    if (begins_[frame] == begins_[frame + 1]) throw refusal("is truncated: it has no bytes of frame %u", frame + 1);
  const Piece &last = pieces_[begins_.back() - 1];
  if (last.offset + int64_t(last.length) > file.size())
    throw refusal("is truncated: it ends at byte %lld, in frame %u", (long long)file.size(), layout.frames);
}

void Fragments::assign(const File &file, const saccade_dicom_layout &layout, const std::vector<uint32_t> &offsets) {
  const uint32_t frames = layout.frames, count = uint32_t(pieces_.size());
  if (frames == 1) {
    begins_ = {0, count};
    return;
  }
  if (offsets.size() == frames && count > 0) {
    uint32_t piece = 0;
    for (uint32_t frame = 0; frame < frames; frame++) {
      const int64_t at = pieces_[0].offset + int64_t(offsets[frame]);
      while (piece < count && pieces_[piece].offset < at) piece++;
      if (piece == count || pieces_[piece].offset != at) break;
      begins_.push_back(piece);
    }
    if (begins_.size() == frames) {
      begins_.push_back(count);
      return;
    }
    begins_.clear();
  }
  if (count <= frames) {
    // A fragment each. In a truncated file the last frames have none.
    for (uint32_t frame = 0; frame <= frames; frame++) begins_.push_back(frame < count ? frame : count);
    return;
  }
  // A codestream's first bytes begin a frame: JPEG and JPEG-LS FFD8, JPEG 2000 FF4F.
  for (uint32_t piece = 0; piece < count; piece++) {
    uint8_t bytes[2] = {0, 0};
    if (pieces_[piece].length >= 2 && pieces_[piece].offset + 2 <= file.size())
      file.read(pieces_[piece].offset, bytes, sizeof bytes);
    if (bytes[0] == 0xFF && (bytes[1] == 0xD8 || bytes[1] == 0x4F)) begins_.push_back(piece);
  }
  if (begins_.size() != frames)
    throw refusal("has %u fragments for %u frames, and no table that tells them apart", count, frames);
  begins_.push_back(count);
}

void Fragments::read(const File &file, uint32_t frame, std::vector<uint8_t> &bytes) const {
  if (frame + 1 >= begins_.size()) throw refusal("has no frame %u", frame + 1);
  size_t size = 0;
  for (uint32_t piece = begins_[frame]; piece < begins_[frame + 1]; piece++) size += pieces_[piece].length;
  bytes.resize(size);
  size_t at = 0;
  for (uint32_t piece = begins_[frame]; piece < begins_[frame + 1]; piece++) {
    file.read(pieces_[piece].offset, bytes.data() + at, pieces_[piece].length);
    at += pieces_[piece].length;
  }
}

}  // namespace saccade
