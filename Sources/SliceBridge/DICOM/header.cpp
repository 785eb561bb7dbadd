// Reads what stands before a file's pixels, through DCMTK.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcistrmf.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "dicom.hpp"

namespace saccade {

namespace {

/// Elements longer than this many bytes stay in the file.
const Uint32 kept_length = 4096;
/// Bytes in which most headers end.
const int64_t sieve_reach = 32768;

template <size_t size>
void text(DcmItem &item, const DcmTagKey &tag, char (&out)[size]) {
  OFString value;
  if (item.findAndGetOFString(tag, value).bad()) return;
  size_t end = value.find_last_not_of(" ");
  value.erase(end == OFString_npos ? 0 : end + 1);
  snprintf(out, size, "%s", value.c_str());
}

bool integer(DcmItem &item, const DcmTagKey &tag, int32_t &out) {
  Sint32 value = 0;
  if (item.findAndGetSint32(tag, value).bad()) return false;
  out = value;
  return true;
}

uint16_t word(DcmItem &item, const DcmTagKey &tag, uint16_t otherwise) {
  Uint16 value = 0;
  return item.findAndGetUint16(tag, value).good() ? value : otherwise;
}

/// All `count` numbers, or nothing: a number that isn't one counts as absent.
bool numbers(DcmItem &item, const DcmTagKey &tag, double *out, unsigned count) {
  double values[6];
  for (unsigned i = 0; i < count; i++)
    if (item.findAndGetFloat64(tag, values[i], i).bad() || !std::isfinite(values[i])) return false;
  memcpy(out, values, count * sizeof *out);
  return true;
}

/// Takes into `frame` what `item` says about its place and values.
void describe(DcmItem &item, saccade_dicom_frame &frame) {
  if (numbers(item, DCM_ImagePositionPatient, frame.position, 3)) frame.has |= SACCADE_DICOM_HAS_POSITION;
  if (numbers(item, DCM_ImageOrientationPatient, frame.orientation, 6)) frame.has |= SACCADE_DICOM_HAS_ORIENTATION;
  if (numbers(item, DCM_PixelSpacing, frame.spacing, 2)) frame.has |= SACCADE_DICOM_HAS_SPACING;
  double slope = 1, intercept = 0;
  bool has_slope = numbers(item, DCM_RescaleSlope, &slope, 1);
  bool has_intercept = numbers(item, DCM_RescaleIntercept, &intercept, 1);
  if (has_slope || has_intercept) {
    frame.slope = slope;
    frame.intercept = intercept;
    frame.has |= SACCADE_DICOM_HAS_RESCALE;
    text(item, DCM_RescaleType, frame.rescale_type);
  }
}

/// The same for what stands in an item of functional groups.
void describe_groups(DcmItem &groups, saccade_dicom_frame &frame) {
  for (const DcmTagKey &tag : {DCM_PlanePositionSequence, DCM_PlaneOrientationSequence, DCM_PixelMeasuresSequence,
                               DCM_PixelValueTransformationSequence}) {
    DcmItem *item = nullptr;
    if (groups.findAndGetSequenceItem(tag, item).good() && item) describe(*item, frame);
  }
}

/// Gives each frame of a dose its place: offsets along the normal from the first.
void spread_along_normal(DcmItem &dataset, saccade_dicom_frame *frames, uint32_t count) {
  const uint8_t needed = SACCADE_DICOM_HAS_POSITION | SACCADE_DICOM_HAS_ORIENTATION;
  if ((frames[0].has & needed) != needed) return;
  const double *o = frames[0].orientation;
  const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
  double first = 0;
  for (uint32_t i = 0; i < count; i++) {
    double offset = 0;
    if (dataset.findAndGetFloat64(DCM_GridFrameOffsetVector, offset, i).bad()) return;
    if (i == 0) first = offset;
    for (int axis = 0; axis < 3; axis++) frames[i].position[axis] += normal[axis] * (offset - first);
  }
}

saccade_dicom_frame *read_frames(DcmItem &dataset, uint32_t count) {
  std::unique_ptr<saccade_dicom_frame[]> frames(new saccade_dicom_frame[count]());
  saccade_dicom_frame common = {};
  common.slope = 1;
  describe(dataset, common);
  DcmItem *shared = nullptr;
  if (dataset.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared).good() && shared)
    describe_groups(*shared, common);
  for (uint32_t i = 0; i < count; i++) frames[i] = common;

  DcmSequenceOfItems *groups = nullptr;
  if (dataset.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, groups).good() && groups) {
    DcmObject *item = nullptr;
    for (uint32_t i = 0; i < count && (item = groups->nextInContainer(item)); i++)
      if (item->ident() == EVR_item) describe_groups(*static_cast<DcmItem *>(item), frames[i]);
  } else if (count > 1 && dataset.tagExists(DCM_GridFrameOffsetVector)) {
    spread_along_normal(dataset, frames.get(), count);
  } else if (count > 1) {
    // One position for all of them is that of none.
    for (uint32_t i = 0; i < count; i++) frames[i].has &= ~SACCADE_DICOM_HAS_POSITION;
  }
  return frames.release();
}

bool says_localizer(DcmItem &dataset) {
  OFString value;
  for (unsigned i = 0; i < 8 && dataset.findAndGetOFString(DCM_ImageType, value, i).good(); i++)
    if (value == "LOCALIZER") return true;
  return false;
}

uint8_t coding(E_TransferSyntax syntax) {
  switch (syntax) {
    case EXS_LittleEndianImplicit:
    case EXS_LittleEndianExplicit:
    case EXS_BigEndianExplicit: return SACCADE_DICOM_NATIVE;
    case EXS_DeflatedLittleEndianExplicit: return SACCADE_DICOM_DEFLATED;
    case EXS_RLELossless:
    case EXS_JPEGProcess1:
    case EXS_JPEGProcess2_4:
    case EXS_JPEGProcess6_8:
    case EXS_JPEGProcess10_12:
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1:
    case EXS_JPEGLSLossless:
    case EXS_JPEGLSLossy: return SACCADE_DICOM_CODEC;
    case EXS_JPEG2000LosslessOnly:
    case EXS_JPEG2000: return SACCADE_DICOM_CODESTREAM;
    default: return SACCADE_DICOM_UNREADABLE;
  }
}

/// A file's elements up to `end`, and where the value of the element `end` begins.
struct Beginning {
  DcmFileFormat format;
  int64_t ends_at = 0;

  /// Reads what is wanted of an ordinary file up to its PixelData; false for others.
  bool read_sieved(const File &file) {
    std::vector<uint8_t> bytes(size_t(std::min(file.size(), sieve_reach)));
    file.read(0, bytes.data(), bytes.size());
    Sieved sieved;
    if (!sieve(bytes, sieved)) return false;
    DcmInputBufferStream stream;
    stream.setBuffer(sieved.bytes.data(), offile_off_t(sieved.bytes.size()));
    stream.setEos();
    format.transferInit();
    const OFCondition result = format.read(stream, EXS_Unknown, EGL_noChange);
    format.transferEnd();
    ends_at = sieved.ends_at;
    return result.good();
  }

  OFCondition read(const char *path, const DcmTagKey &end) {
    DcmInputFileStream stream(path);
    if (stream.status().bad()) return stream.status();
    format.transferInit();
    OFCondition result = format.readUntilTag(stream, EXS_Unknown, EGL_noChange, kept_length, end);
    format.transferEnd();
    ends_at = int64_t(stream.tell());
    return result;
  }
};

/// Finds out from the bytes before `at` how the element with the pixels begins: false where it isn't there.
bool find_pixels(const File &file, const DcmXfer &syntax, const DcmTagKey &tag, int64_t at, saccade_dicom_layout &layout) {
  const size_t header = syntax.isExplicitVR() ? 12 : 8;
  if (at < int64_t(header)) return false;
  uint8_t bytes[12];
  file.read(at - int64_t(header), bytes, header);
  const bool big = syntax.isBigEndian();
  auto u16 = [&](size_t i) { return uint16_t(big ? bytes[i] << 8 | bytes[i + 1] : bytes[i + 1] << 8 | bytes[i]); };
  auto u32 = [&](size_t i) {
    return big ? uint32_t(u16(i)) << 16 | u16(i + 2) : uint32_t(u16(i + 2)) << 16 | u16(i);
  };
  if (u16(0) != tag.getGroup() || u16(2) != tag.getElement()) return false;
  const uint32_t length = u32(header - 4);
  layout.pixels_at = at;
  layout.pixels_length = length == 0xFFFFFFFF ? -1 : int64_t(length);
  layout.is_words = !syntax.isExplicitVR() || (bytes[4] == 'O' && bytes[5] == 'W');
  return true;
}

/// Where a deflated file has pixels only its whole length tells; that there are some is seen when it is opened.
bool locate(const char *path, const File &file, const Beginning &beginning, const DcmXfer &syntax, DcmItem &dataset,
            saccade_dicom_layout &layout) {
  for (const DcmTagKey &tag : {DCM_FloatPixelData, DCM_DoubleFloatPixelData}) {
    if (!dataset.tagExists(tag)) continue;
    if (layout.coding != SACCADE_DICOM_NATIVE) throw refusal("holds compressed floating-point pixels");
    Beginning again;
    again.read(path, tag);
    layout.samples = tag == DCM_FloatPixelData ? SACCADE_DICOM_FLOATS : SACCADE_DICOM_DOUBLES;
    return find_pixels(file, syntax, tag, again.ends_at, layout);
  }
  layout.samples = SACCADE_DICOM_INTEGERS;
  if (layout.coding == SACCADE_DICOM_DEFLATED) return dataset.tagExists(DCM_Rows);
  return find_pixels(file, syntax, DCM_PixelData, beginning.ends_at, layout);
}

uint32_t count_frames(DcmItem &dataset, int64_t file_size) {
  char value[16] = "";
  text(dataset, DCM_NumberOfFrames, value);
  if (value[0] == 0) return 1;
  char *end;
  const long frames = strtol(value, &end, 10);
  if (*end != 0) throw refusal("has a NumberOfFrames that isn't a number: %s", value);
  // A frame has at least one byte, or nearly.
  if (frames < 1 || frames > file_size)
    throw refusal("says it has %ld frames, which its %lld bytes can't hold", frames, (long long)file_size);
  return uint32_t(frames);
}

}  // namespace

saccade_dicom_header *read_header(const char *path) {
  prepare();
  const File file(path);
  if (file.size() == 0) throw refusal("is empty");
  std::unique_ptr<Beginning> read(new Beginning());
  OFCondition result = EC_Normal;
  if (!read->read_sieved(file)) {
    read.reset(new Beginning());
    result = read->read(path, DCM_PixelData);
  }
  Beginning &beginning = *read;
  DcmDataset &dataset = *beginning.format.getDataset();
  const DcmXfer syntax(dataset.getOriginalXfer());

  std::unique_ptr<saccade_dicom_header> header(new saccade_dicom_header());
  DcmMetaInfo &meta = *beginning.format.getMetaInfo();
  text(meta, DCM_TransferSyntaxUID, header->transfer_syntax);
  text(meta, DCM_MediaStorageSOPClassUID, header->class_uid);
  header->file_size = file.size();
  saccade_dicom_layout &layout = header->layout;
  layout.coding = coding(syntax.getXfer());
  if (header->transfer_syntax[0] == 0)
    snprintf(header->transfer_syntax, sizeof header->transfer_syntax, "%s", syntax.getXferID());
  if (DcmXfer(header->transfer_syntax).getXfer() == EXS_Unknown) {
    // DCMTK guesses how such a file is to be read. The name of its syntax says more than what comes of that.
    layout.coding = SACCADE_DICOM_UNREADABLE;
    return header.release();
  }
  if (result.bad())
    throw refusal("is truncated or damaged: its header doesn't read (%s)", result.text());
  if (!syntax.isExplicitVR() && !dcmDataDict.isDictionaryLoaded())
    throw refusal("needs the DICOM dictionary, which can't be loaded: install the package of DCMTK's library, or "
                  "set DCMDICTPATH to its dicom.dic");

  text(dataset, DCM_SeriesInstanceUID, header->series_uid);
  if (header->class_uid[0] == 0) text(dataset, DCM_SOPClassUID, header->class_uid);
  text(dataset, DCM_Modality, header->modality);
  text(dataset, DCM_PhotometricInterpretation, header->photometric);
  header->has_series_number = integer(dataset, DCM_SeriesNumber, header->series_number);
  header->has_instance_number = integer(dataset, DCM_InstanceNumber, header->instance_number);
  header->is_localizer = says_localizer(dataset);
  header->has_lookup = dataset.tagExists(DCM_ModalityLUTSequence);
  OFString lossy;
  header->is_lossy = dataset.findAndGetOFString(DCM_LossyImageCompression, lossy).good() && lossy == "01";

  if (!locate(path, file, beginning, syntax, dataset, layout)) {
    layout.samples = SACCADE_DICOM_NO_PIXELS;
    return header.release();
  }
  layout.columns = word(dataset, DCM_Columns, 0);
  layout.rows = word(dataset, DCM_Rows, 0);
  layout.samples_per_pixel = word(dataset, DCM_SamplesPerPixel, 1);
  const bool is_float = layout.samples != SACCADE_DICOM_INTEGERS;
  const uint16_t width = layout.samples == SACCADE_DICOM_FLOATS ? 32 : 64;
  layout.bits_allocated = is_float ? width : word(dataset, DCM_BitsAllocated, 0);
  layout.bits_stored = is_float ? width : word(dataset, DCM_BitsStored, layout.bits_allocated);
  const uint16_t highest = uint16_t(layout.bits_stored - 1);
  layout.high_bit = is_float ? highest : word(dataset, DCM_HighBit, highest);
  layout.is_signed = word(dataset, DCM_PixelRepresentation, 0) == 1;
  layout.is_big_endian = syntax.isBigEndian();
  layout.frames = count_frames(dataset, file.size());
  header->frames = read_frames(dataset, layout.frames);
  return header.release();
}

void free_header(saccade_dicom_header *header) {
  if (!header) return;
  delete[] header->frames;
  delete header;
}

}  // namespace saccade
