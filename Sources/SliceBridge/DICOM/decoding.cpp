// Coded frames to samples, through DCMTK's codecs.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstring>

#include "dicom.hpp"

namespace saccade {

namespace {

/// What a JPEG or JPEG-LS stream says about its picture.
struct Picture {
  unsigned precision = 0, rows = 0, columns = 0, components = 0;
};

/// A stream that ends before its marker EOI has lost rows, which decoders fill with grey. What pads it comes after.
void check_end(const std::vector<uint8_t> &bytes) {
  const size_t padding = 64;
  for (size_t i = bytes.size(); i >= 2 && i + padding > bytes.size(); i--)
    if (bytes[i - 2] == 0xFF && bytes[i - 1] == 0xD9) return;
  throw refusal("has a truncated JPEG frame: it has no end marker");
}

/// Reads a stream's frame header (ITU-T T.81, B.2.2; T.87, C.2.2): the first of the markers SOF.
Picture look(const std::vector<uint8_t> &bytes) {
  if (bytes.size() < 4 || bytes[0] != 0xFF || bytes[1] != 0xD8) throw refusal("has a frame that isn't JPEG");
  size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (bytes[at] != 0xFF) throw refusal("has a damaged JPEG frame: no marker at its byte %zu", at);
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {
      at++;
      continue;
    }
    const size_t length = size_t(bytes[at + 2]) << 8 | bytes[at + 3];
    const bool is_frame = (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) ||
                          marker == 0xF7;
    if (length < 2 || at + 2 + length > bytes.size()) break;
    if (is_frame && length >= 8) {
      const uint8_t *p = &bytes[at + 4];
      Picture picture;
      picture.precision = p[0];
      picture.rows = unsigned(p[1]) << 8 | p[2];
      picture.columns = unsigned(p[3]) << 8 | p[4];
      picture.components = p[5];
      return picture;
    }
    at += 2 + length;
  }
  throw refusal("has a damaged JPEG frame: it has no frame header");
}

/// DCMTK trusts a file's header for the size of what it decodes: the stream has to say the same.
unsigned check(const saccade_dicom_layout &layout, const std::vector<uint8_t> &bytes) {
  const Picture picture = look(bytes);
  check_end(bytes);
  if (picture.rows != layout.rows || picture.columns != layout.columns)
    throw refusal("has a frame of %u x %u where its header says %u x %u", picture.columns, picture.rows, layout.columns,
                  layout.rows);
  if (picture.components != 1) throw refusal("has a frame of %u colours where its header says one", picture.components);
  if (picture.precision < 2 || picture.precision > layout.bits_allocated)
    throw refusal("has a frame of %u bits where its header allows %u", picture.precision, layout.bits_allocated);
  return picture.precision;
}

void put(DcmItem &item, const DcmTagKey &key, uint16_t value) {
  auto *element = new DcmUnsignedShort(DcmTag(key, EVR_US));
  element->putUint16(value, 0);
  if (item.insert(element, true).bad()) delete element;
}

}  // namespace

unsigned decode(const saccade_dicom_layout &layout, const char *transfer_syntax, const std::vector<uint8_t> &bytes,
                std::vector<uint8_t> &samples) {
  const E_TransferSyntax syntax = DcmXfer(transfer_syntax).getXfer();
  const unsigned precision = check(layout, bytes);

  // A data set of this one frame.
  DcmDataset dataset;
  put(dataset, DCM_SamplesPerPixel, 1);
  put(dataset, DCM_Rows, uint16_t(layout.rows));
  put(dataset, DCM_Columns, uint16_t(layout.columns));
  put(dataset, DCM_BitsAllocated, layout.bits_allocated);
  put(dataset, DCM_BitsStored, layout.bits_stored);
  put(dataset, DCM_HighBit, layout.high_bit);
  put(dataset, DCM_PixelRepresentation, layout.is_signed);
  auto *photometric = new DcmCodeString(DcmTag(DCM_PhotometricInterpretation, EVR_CS));
  photometric->putString("MONOCHROME2");
  dataset.insert(photometric, true);

  auto *sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  sequence->insert(new DcmPixelItem(DcmTag(DCM_Item, EVR_OB)));
  auto *item = new DcmPixelItem(DcmTag(DCM_Item, EVR_OB));
  item->putUint8Array(bytes.data(), static_cast<unsigned long>(bytes.size()));
  sequence->insert(item);
  auto *pixels = new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB));
  pixels->putOriginalRepresentation(syntax, nullptr, sequence);
  dataset.insert(pixels, true);

  const size_t size = size_t(layout.rows) * layout.columns * (layout.bits_allocated / 8);
  if (size > 0xFFFFFFFE) throw refusal("has frames of more than 4 GB");
  samples.assign(size + (size & 1), 0);
  Uint32 fragment = 1;
  OFString colours;
  const OFCondition result =
      pixels->getUncompressedFrame(&dataset, 0, fragment, samples.data(), Uint32(samples.size()), colours);
  if (result.bad()) throw refusal("has a frame that doesn't decode (%s)", result.text());
  return precision;
}

void inflate(const char *path, std::vector<uint8_t> &samples) {
  DcmFileFormat format;
  const OFCondition result = format.loadFile(path);
  if (result.bad()) throw refusal("is truncated or damaged: it can't be inflated (%s)", result.text());
  DcmElement *element = nullptr;
  if (format.getDataset()->findAndGetElement(DCM_PixelData, element).bad() || !element)
    throw refusal("has no pixels");
  Uint8 *bytes = nullptr;
  Uint16 *words = nullptr;
  const size_t length = element->getLength();
  if (element->getTag().getEVR() == EVR_OB && element->getUint8Array(bytes).good() && bytes)
    samples.assign(bytes, bytes + length);
  else if (element->getUint16Array(words).good() && words)
    samples.assign(reinterpret_cast<uint8_t *>(words), reinterpret_cast<uint8_t *>(words) + length);
  else
    throw refusal("has pixels that can't be read");
}

}  // namespace saccade
