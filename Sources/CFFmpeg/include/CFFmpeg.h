// FFmpeg's libraries as Swift sees them: the headers in use, and what Swift's importer leaves out
// (macros, variadic functions, constants made by macros) or what differs between FFmpeg 5.1 and 7.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <libavutil/dict.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>
#include <libavutil/pixdesc.h>
#include <libavutil/time.h>
#include <libswscale/swscale.h>

/// AVERROR(e) for a positive errno value.
static inline int saccade_averror(int e) { return AVERROR(e); }

static const int64_t SACCADE_NOPTS = AV_NOPTS_VALUE;
static const int SACCADE_AVERROR_EOF = AVERROR_EOF;
static const int SACCADE_AVERROR_EXIT = AVERROR_EXIT;
static const int SACCADE_AVERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static const int SACCADE_AVERROR_STREAM_NOT_FOUND = AVERROR_STREAM_NOT_FOUND;
static const int SACCADE_AVERROR_DECODER_NOT_FOUND = AVERROR_DECODER_NOT_FOUND;
static const int SACCADE_AVERROR_DEMUXER_NOT_FOUND = AVERROR_DEMUXER_NOT_FOUND;
static const int SACCADE_AVERROR_PROTOCOL_NOT_FOUND = AVERROR_PROTOCOL_NOT_FOUND;
static const int SACCADE_AVERROR_OPTION_NOT_FOUND = AVERROR_OPTION_NOT_FOUND;
static const int SACCADE_AVERROR_HTTP_UNAUTHORIZED = AVERROR_HTTP_UNAUTHORIZED;
static const int SACCADE_AVERROR_HTTP_FORBIDDEN = AVERROR_HTTP_FORBIDDEN;
static const int SACCADE_AVERROR_HTTP_NOT_FOUND = AVERROR_HTTP_NOT_FOUND;
static const int SACCADE_LIBAVFORMAT_MAJOR = LIBAVFORMAT_VERSION_MAJOR;
static const int SACCADE_DESCRIPTION_SIZE = AV_ERROR_MAX_STRING_SIZE;

/// Sends FFmpeg's log to us instead of standard error. From then on each thread keeps the first error that
/// FFmpeg logged on it, which often says more than the error code. Call once.
void saccade_log_install(void);
/// Copies the calling thread's kept error to `out` (empty when there was none) and forgets it.
void saccade_log_take(char *out, int size);

/// What FFmpeg needs to hand the number of a packet on to the frame decoded from it. Before avcodec_open2.
void saccade_mark_enable(AVCodecContext *codec);
/// Numbers a packet, directly before avcodec_send_packet. 0 stands for none.
void saccade_mark_packet(AVCodecContext *codec, AVPacket *packet, int64_t number);
int64_t saccade_mark_of_frame(const AVFrame *frame);

int saccade_frame_is_key(const AVFrame *frame);
/// True when the decoder says that parts of the picture are wrong or made up.
int saccade_frame_is_damaged(const AVFrame *frame);

/// Side data of a stream (such as AV_PKT_DATA_DISPLAYMATRIX), or NULL.
const uint8_t *saccade_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *size);
/// The sender's UTC in microseconds of a packet, or AV_NOPTS_VALUE.
int64_t saccade_packet_sender_time(const AVPacket *packet);

/// Parses a date of ISO 8601 to microseconds since 1970. Returns 0, or an AVERROR.
int saccade_parse_date(const char *text, int64_t *microseconds);

/// Allows the pixel formats of hardware decoding, or else the first one in software: for get_format.
/// `wanted` is an AVPixelFormat.
enum AVPixelFormat saccade_pick_format(const enum AVPixelFormat *offered, enum AVPixelFormat wanted);

/// Loads libavdevice of the FFmpeg in use and registers its demuxers. Returns 0, or -1 when there is none.
int saccade_load_devices(void);
