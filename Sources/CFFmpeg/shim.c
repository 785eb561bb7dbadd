#define _GNU_SOURCE
#include "CFFmpeg.h"

#include <dlfcn.h>
#include <libavutil/version.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char kept_error[256];

static void keep_error(void *context, int level, const char *format, va_list arguments) {
  (void)context;
  if (level > AV_LOG_ERROR || kept_error[0]) return;
  vsnprintf(kept_error, sizeof kept_error, format, arguments);
  char *end = kept_error + strlen(kept_error);
  while (end > kept_error && (end[-1] == '\n' || end[-1] == ' ' || end[-1] == '.')) *--end = 0;
}

void saccade_log_install(void) { av_log_set_callback(keep_error); }

void saccade_log_take(char *out, int size) {
  snprintf(out, size, "%s", kept_error);
  kept_error[0] = 0;
}

// FFmpeg 6 brought AV_CODEC_FLAG_COPY_OPAQUE, FFmpeg 7 dropped reordered_opaque.
#ifdef AV_CODEC_FLAG_COPY_OPAQUE
void saccade_mark_enable(AVCodecContext *codec) { codec->flags |= AV_CODEC_FLAG_COPY_OPAQUE; }
void saccade_mark_packet(AVCodecContext *codec, AVPacket *packet, int64_t number) {
  (void)codec;
  packet->opaque = (void *)(intptr_t)number;
}
int64_t saccade_mark_of_frame(const AVFrame *frame) { return (int64_t)(intptr_t)frame->opaque; }
#else
void saccade_mark_enable(AVCodecContext *codec) { codec->reordered_opaque = 0; }
void saccade_mark_packet(AVCodecContext *codec, AVPacket *packet, int64_t number) {
  (void)packet;
  codec->reordered_opaque = number;
}
int64_t saccade_mark_of_frame(const AVFrame *frame) { return frame->reordered_opaque; }
#endif

int saccade_frame_is_key(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_KEY
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame;
#endif
}

int saccade_frame_is_damaged(const AVFrame *frame) {
  return (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0;
}

const uint8_t *saccade_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *size) {
  // Since 6.1 the parameters of the codec hold it.
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  const AVPacketSideData *found = av_packet_side_data_get(stream->codecpar->coded_side_data,
                                                          stream->codecpar->nb_coded_side_data, type);
  *size = found ? found->size : 0;
  return found ? found->data : NULL;
#else
  return av_stream_get_side_data(stream, type, size);
#endif
}

int64_t saccade_packet_sender_time(const AVPacket *packet) {
  size_t size = 0;
  const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_PRFT, &size);
  if (!data || size < sizeof(AVProducerReferenceTime)) return AV_NOPTS_VALUE;
  AVProducerReferenceTime time;
  memcpy(&time, data, sizeof time);
  return time.wallclock;
}

int saccade_parse_date(const char *text, int64_t *microseconds) {
  return av_parse_time(microseconds, text, 0);
}

enum AVPixelFormat saccade_pick_format(const enum AVPixelFormat *offered, enum AVPixelFormat wanted) {
  enum AVPixelFormat software = AV_PIX_FMT_NONE;
  for (const enum AVPixelFormat *format = offered; *format != AV_PIX_FMT_NONE; format++) {
    if (*format == wanted) return wanted;
    const AVPixFmtDescriptor *description = av_pix_fmt_desc_get(*format);
    if (software == AV_PIX_FMT_NONE && description && !(description->flags & AV_PIX_FMT_FLAG_HWACCEL))
      software = *format;
  }
  return software;
}

int saccade_load_devices(void) {
  char name[32];
  snprintf(name, sizeof name, "libavdevice.so.%d", LIBAVFORMAT_VERSION_MAJOR);
  void *library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
  if (!library) return -1;
  void (*register_all)(void) = (void (*)(void))dlsym(library, "avdevice_register_all");
  if (!register_all) return -1;
  register_all();
  return 0;
}
