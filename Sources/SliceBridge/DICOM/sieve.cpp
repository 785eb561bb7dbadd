// Picks the few elements of a header that are asked for, so that DCMTK doesn't have to make objects of the others: a
// header then takes a fraction of the time.
#include <algorithm>
#include <cstring>

#include "dicom.hpp"

namespace saccade {

namespace {

const uint32_t undefined = 0xFFFFFFFF;
const uint32_t item = 0xFFFEE000, end_of_item = 0xFFFEE00D, end_of_sequence = 0xFFFEE0DD;
const uint32_t pixels = 0x7FE00010;

/// What `read_header` asks for, in rising order, and the pixels.
const uint32_t wanted[] = {
    0x00080008, 0x00080016, 0x00080060, 0x0020000E, 0x00200011, 0x00200013, 0x00200032, 0x00200037, 0x00280002,
    0x00280004, 0x00280008, 0x00280010, 0x00280011, 0x00280030, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
    0x00281052, 0x00281053, 0x00281054, 0x00282110, 0x00283000, 0x3004000C, 0x52009229, 0x52009230,
};

/// An element's beginning.
struct Head {
  uint32_t tag, length;
  size_t size;
};

/// Bytes of a data set, gone through from the front.
struct Walk {
  const uint8_t *bytes;
  size_t size, at;
  bool is_explicit, is_big;

  uint32_t number(size_t offset, size_t width) const {
    uint32_t value = 0;
    for (size_t i = 0; i < width; i++) value = value << 8 | bytes[offset + (is_big ? i : width - 1 - i)];
    return value;
  }

  /// The head at `at`; false where it doesn't lie within the bytes or isn't one.
  bool head(Head &head) const {
    if (at + 8 > size) return false;
    head.tag = number(at, 2) << 16 | number(at + 2, 2);
    head.size = 8;
    if (!is_explicit || head.tag >> 16 == 0xFFFE) {
      head.length = number(at + 4, 4);
      return true;
    }
    const char a = char(bytes[at + 4]), b = char(bytes[at + 5]);
    if (a < 'A' || a > 'Z' || b < 'A' || b > 'Z') return false;
    const char two[3] = {a, b, 0};
    if (!strstr("OB OD OF OL OV OW SQ SV UC UN UR UT UV", two)) {
      head.length = number(at + 6, 2);
      return true;
    }
    if (at + 12 > size) return false;
    head.length = number(at + 8, 4);
    head.size = 12;
    return true;
  }

  /// Goes past the value that begins at `at`. A sequence of undefined length is gone through.
  bool pass(uint32_t length, unsigned depth) {
    if (length != undefined) {
      if (length > size - at) return false;
      at += length;
      return true;
    }
    if (depth == 0) return false;
    Head inner;
    while (head(inner)) {
      at += inner.size;
      if (inner.tag == end_of_sequence) return true;
      if (inner.tag != item) return false;
      if (inner.length != undefined) {
        if (!pass(inner.length, 0)) return false;
      } else if (!pass_elements(depth - 1)) {
        return false;
      }
    }
    return false;
  }

  bool pass_elements(unsigned depth) {
    Head inner;
    while (head(inner)) {
      at += inner.size;
      if (inner.tag == end_of_item) return true;
      if (!pass(inner.length, depth)) return false;
    }
    return false;
  }
};

/// Reads the transfer syntax and goes past the file's own group, which is always explicit little endian.
bool pass_meta(Walk &meta, std::string &syntax) {
  Head head;
  while (meta.head(head) && head.tag >> 16 == 2) {
    meta.at += head.size;
    const size_t start = meta.at;
    if (!meta.pass(head.length, 0)) return false;
    if (head.tag == 0x00020010) syntax.assign(reinterpret_cast<const char *>(meta.bytes + start), head.length);
  }
  syntax.erase(std::find_if(syntax.begin(), syntax.end(), [](char c) { return c == 0 || c == ' '; }), syntax.end());
  return !syntax.empty();
}

}  // namespace

bool sieve(const std::vector<uint8_t> &bytes, Sieved &sieved) {
  const size_t preamble = 132;
  const unsigned deepest = 8;
  if (bytes.size() < preamble || memcmp(&bytes[128], "DICM", 4) != 0) return false;
  Walk walk{bytes.data(), bytes.size(), preamble, true, false};
  std::string syntax;
  if (!pass_meta(walk, syntax) || syntax == "1.2.840.10008.1.2.1.99") return false;
  sieved.bytes.assign(bytes.begin(), bytes.begin() + ptrdiff_t(walk.at));
  walk.is_explicit = syntax != "1.2.840.10008.1.2";
  walk.is_big = syntax == "1.2.840.10008.1.2.2";
  uint32_t last = 0;
  Head head;
  while (walk.head(head)) {
    // Anything out of the ordinary is left to DCMTK.
    if (head.tag <= last || head.tag >> 16 == 0xFFFE) return false;
    last = head.tag;
    const size_t start = walk.at;
    walk.at += head.size;
    if (head.tag >> 16 == 0x7FE0) {
      sieved.ends_at = int64_t(walk.at);
      return head.tag == pixels;
    }
    if (!walk.pass(head.length, deepest)) return false;
    if (std::binary_search(std::begin(wanted), std::end(wanted), head.tag))
      sieved.bytes.insert(sieved.bytes.end(), bytes.begin() + ptrdiff_t(start), bytes.begin() + ptrdiff_t(walk.at));
  }
  return false;
}

}  // namespace saccade
